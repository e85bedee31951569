import {UPLOADS} from '../../model/upload.ts';

/**
 * What both package programs need. `at` names the change; its record lies in the journal, so that a run which was cut off,
 * by whatever, finds there what was installed before: `packages.N` (what), `.kept` (files of versions that are replaced),
 * `.users` and `.groups`.
 */
export const PACKAGES = String.raw`
# SECONDS: more than a step has, as mirrors and scripts of packages may be slow; still no more than the run has.
lasts() {
  [ -n "$carrying" ] || return 0
  now
  until=$((now + $1))
  [ "$until" -lt "$latest" ] || until=$latest
  put_off "$until"
}
package_run() {
  (
    umask 022
    export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical UCF_FORCE_CONFFOLD=1
    export APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1
    exec "$@"
  ) </dev/null >"$out" 2>&1
}
# The same, but waits two minutes while another program (unattended-upgrades, PackageKit) has the database.
package_turn() {
  waits=0
  until package_run "$@"; do
    [ "$waits" -lt 60 ] && grep -qE 'Could not get lock|locked by another process|can.t create transaction lock' "$out" || return 1
    waits=$((waits + 1))
    sleep 2
  done
}
package_said() {
  why=$(grep -E -A 1 '^(E: |Error:|error:|dpkg: error|rpm: | [^ ]+ : [A-Z])' "$out" | grep -v '^--$' | head -n 6 | tail -c 600 | tr '\n\t' '  ')
  if [ -n "$why" ]; then why="$1: $why"; else said "$1"; fi
}
# WORD...: + installs, - removes, _ takes the configuration too.
package_words() {
  pkgin='' pkgfiles='' pkgout='' pkgpurge=''
  for word; do
    case $word in
    +/*) pkgin="$pkgin ${'$'}{word#+}" pkgfiles="$pkgfiles ${'$'}{word#+}" ;;
    +*) pkgin="$pkgin ${'$'}{word#+}" ;;
    -*) pkgout="$pkgout ${'$'}{word#-}" ;;
    _*) pkgout="$pkgout ${'$'}{word#_}" pkgpurge="$pkgpurge ${'$'}{word#_}" ;;
    esac
  done
}
is_out() { case "$pkgout " in *" $1 "*) ;; *) return 1 ;; esac; }
# LISTER
package_record() {
  pkgrec=$journal/packages.$at
  [ ! -e "$pkgrec" ] || return 0
  if "$1" "$pkgrec.new" && cut -d: -f1 /etc/passwd >"$pkgrec.users" && cut -d: -f1 /etc/group >"$pkgrec.groups" &&
    printf '' >"$pkgrec.kept" && { [ ! -e /var/lib/apt/extended_states ] || cp -a /var/lib/apt/extended_states "$pkgrec.marks"; } &&
    mv -f "$pkgrec.new" "$pkgrec"; then
    sync "$pkgrec"* 2>/dev/null
    return 0
  fi 2>"$out"
  said "the packages that are there cannot be recorded"
  return 1
}
# FILE NAME PROGRAM...: whether a file that was sent is what it was called; PROGRAM prints the name inside it.
package_file() {
  sum=${'$'}{1%/*}
  [ "$(sha256sum 2>/dev/null <"$1")" = "${'$'}{sum##*/}  -" ] || { why="$1 is not the file that was sent there"; return 1; }
  pkgname=$2
  shift 2
  word=$("$@" 2>"$out") || { said "a file of $pkgname"; return 1; }
  [ "$word" = "$pkgname" ] || { why="the file holds the package $word, and not $pkgname"; return 1; }
}
# NAME VERSION FILE: of a version that is going to be replaced a file that brings it back.
package_keep() {
  case $3 in
  ${UPLOADS}/[0-9a-f]*/*) kept=$3 ;;
  *)
    sum=$(sha256sum <"$3") || return 1
    kept=${UPLOADS}/${'$'}{sum%% *}
    { mkdir -p "$kept" && cp -- "$3" "$kept/.$1" && kept=$kept/$1.${'$'}{3##*.} && mv -f -- "${'$'}{kept%/*}/.$1" "$kept"; } 2>"$out" || return 1
    ;;
  esac
  printf '%s %s %s\n' "$1" "$2" "$kept" >>"$pkgrec.kept"
}
# What nobody has the way back for: refused where it was promised, told where it was permitted.
package_lost() {
  [ "$pkgexact" = exact ] || { log "note $1 is replaced, and cannot be had any more"; return 0; }
  why="$1 would be replaced, and cannot be had any more for the way back; --allow-irreversible permits it"
  return 1
}
# Users and groups that scripts of packages made.
package_accounts() {
  for word in $(cut -d: -f1 /etc/passwd | grep -vxF -f "$pkgrec.users"); do userdel "$word" >/dev/null 2>&1; done
  for word in $(cut -d: -f1 /etc/group | grep -vxF -f "$pkgrec.groups"); do groupdel "$word" >/dev/null 2>&1; done
}
`;
