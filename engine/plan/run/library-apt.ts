import {UPLOADS} from '../../model/upload.ts';
import {LISTS_FRESH} from '../../resources/package-reads.ts';

/**
 * Nothing that was not running starts while packages are installed: their configuration comes later in the run. What runs
 * may be restarted, or stopped and started, as an update does. invoke-rc.d and deb-systemd-invoke ask it.
 */
export const POLICY = String.raw`#!/bin/sh
# made by linerate for as long as it installs packages
case $2 in *start*) grep -qxF -e "$1" -e "$1.service" /run/linerate/active 2>/dev/null || exit 101 ;; esac
exit 0
`;

/**
 * apt's part. A transaction is tried (`apt-get -s`), judged, downloaded, and only then carried out; nothing that nobody
 * named is ever removed.
 */
export const APT = String.raw`
${LISTS_FRESH}
policy=/usr/sbin/policy-rc.d
pkgopts='-y -q --no-install-recommends --allow-downgrades -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=0 -o Acquire::Retries=2'
# An administrator's own policy stays.
apt_policy() {
  [ -d /run/systemd/system ] && [ ! -e "$policy" ] && [ ! -h "$policy" ] || return 0
  [ -n "$rebooted" ] || systemctl list-units --state=active,activating,reloading --plain --no-legend 2>/dev/null | cut -d' ' -f1 >/run/linerate/active
  printf '%s' '${POLICY.replaceAll("'", `'\\''`)}' >"$policy.linerate" && chmod 755 "$policy.linerate" && mv -f "$policy.linerate" "$policy"
} 2>/dev/null
apt_policy_off() {
  ! grep -q '^# made by linerate ' "$policy" 2>/dev/null || rm -f "$policy"
  rm -f /run/linerate/active "$policy.linerate"
}
apt_list() {
  dpkg-query -W -f '${'$'}{binary:Package} ${'$'}{Version} ${'$'}{db:Status-Status}\n' >"$1.all" &&
    sed -e '/ not-installed$/d' -e 's/ triggers-[a-z]*$/ installed/' "$1.all" | sort >"$1" && rm -f "$1.all" && [ -s "$1" ]
}
# Once a transaction; where only some sources answer, what they have may be enough.
apt_update() {
  [ -z "$pkgupdated" ] || return 1
  pkgupdated=1
  lasts "$MOST"
  package_turn apt-get -q -o Acquire::Retries=2 update || { package_said "apt-get update"; log "note $why"; }
}
apt_try() {
  lasts "$STEP"
  package_run apt-get -s $pkgopts install $pkgin $pkgaway
}
apt_away() {
  pkgaway=
  for word in $pkgout; do pkgaway="$pkgaway $word-"; done
}
tried() { sed -n "s/^$1 \([^ ]*\) .*/\1/p" "$out"; }
# With what is purged goes what came for it alone, but not what nobody needed before.
apt_orphans() {
  [ -n "$pkgpurge" ] || return 0
  package_run apt-get -s $pkgopts autoremove || { package_said apt-get; return 1; }
  before=$(tried Remv | tr '\n' ' ')
  package_run apt-get -s $pkgopts --auto-remove install $pkgin $pkgaway || { package_said apt-get; return 1; }
  for word in $(tried Remv); do
    case " $before" in *" $word "*) continue ;; esac
    is_out "$word" || pkgout="$pkgout $word" pkgpurge="$pkgpurge $word"
  done
  apt_away
  apt_try || { package_said apt-get; return 1; }
}
# NAME VERSION: its file, where one is at hand.
apt_file() {
  for file in ${UPLOADS}/*/"$1.deb" /var/cache/apt/archives/"$1"_*.deb; do
    [ ! -f "$file" ] || [ "$(dpkg-deb -f "$file" Version 2>/dev/null)" != "$2" ] || return 0
  done
  return 1
}
# Versions that no repository may have any more, but an earlier run has kept.
apt_kept_words() {
  set -- $pkgin
  pkgin=
  for word; do
    case $word in
    /*) ;;
    *=*) ! apt_file "${'$'}{word%%=*}" "${'$'}{word#*=}" || word=$file ;;
    esac
    pkgin="$pkgin $word"
  done
}
apt_keep() {
  ! apt_file "$1" "$2" || { package_keep "$1" "$2" "$file"; return; }
  { rm -rf ${UPLOADS}/.fetch && mkdir -p ${UPLOADS}/.fetch; } 2>/dev/null || return 1
  (cd ${UPLOADS}/.fetch && package_run apt-get -q -o Acquire::Retries=2 download "$1=$2")
  for file in ${UPLOADS}/.fetch/*.deb; do [ -f "$file" ] && package_keep "$1" "$2" "$file"; done
  status=$?
  rm -rf ${UPLOADS}/.fetch
  return "$status"
}
apt_allowed() {
  for word in $(tried Remv); do
    is_out "$word" || { why="$word would be removed, and nobody asked for that"; return 1; }
  done
  sed -n -e 's/^Inst \([^ ]*\) \[\([^]]*\)\] (.*/\1 \2/p' -e 's/^Remv \([^ ]*\) \[\([^]]*\)\].*/\1 \2/p' "$out" >"$D/replaced"
  lasts "$MOST"
  while read -r name version; do
    apt_keep "$name" "$version" || package_lost "$name $version" || return 1
  done <"$D/replaced"
}
apt_download() {
  lasts "$MOST"
  package_turn apt-get $pkgopts --download-only install $pkgin $pkgaway
}
apt_install() {
  lasts 1200
  package_turn apt-get $pkgopts install $pkgin $pkgaway || { package_said apt-get; return 1; }
  [ -z "$pkgpurge" ] || package_turn dpkg --purge $pkgpurge || { package_said dpkg; return 1; }
}
# exact|any WORD...
packages_apt() {
  pkgexact=$1 pkgupdated=
  shift
  package_words "$@"
  apt_kept_words
  apt_away
  package_record apt_list || return 1
  for file in $pkgfiles; do
    name=${'$'}{file##*/}
    package_file "$file" "${'$'}{name%.deb}" dpkg-deb -f "$file" Package || return 1
  done
  [ -z "$pkgin" ] || package_lists_fresh || apt_update
  apt_try || { apt_update && apt_try; } || { package_said apt-get; return 1; }
  apt_orphans && apt_allowed || return 1
  apt_download || { apt_update && apt_download; } || { package_said apt-get; return 1; }
  apt_policy
  apt_install
  status=$?
  apt_policy_off
  return "$status"
}
# Of two lists the names that are only in the second one; those of the second one that differ in the first, as NAME=VERSION.
only_in() { awk 'NR == FNR {seen[$1]; next} !($1 in seen) {print $1}' "$1" "$2"; }
differs_from() { awk 'NR == FNR {seen[$1] = $2 " " $3; next} $3 != "config-files" && seen[$1] != $2 " " $3 {print $1 "=" $2}' "$1" "$2"; }
apt_return() {
  pkgin='' pkgdebs=''
  for word in $(differs_from "$pkgrec.now" "$pkgrec"); do
    name=${'$'}{word%%=*}
    file=$(awk -v name="${'$'}{name%%:*}" -v version="${'$'}{word#*=}" '{sub(/:.*/, "", $1)} $1 == name && $2 == version {print $3}' "$pkgrec.kept")
    if [ -n "$file" ]; then pkgdebs="$pkgdebs $file"; else pkgin="$pkgin $word"; fi
  done
  [ -z "$pkgdebs" ] || package_turn dpkg --force-confold --force-downgrade --auto-deconfigure -i $pkgdebs || { pkgtrouble=1; package_said dpkg; }
  [ -z "$pkgin" ] || package_turn apt-get $pkgopts install $pkgin || { pkgtrouble=1; package_said apt-get; }
}
apt_as_before() { apt_list "$pkgrec.now" && cmp -s "$pkgrec" "$pkgrec.now"; }
# What is only half there goes as it is: configuring it first would run the scripts on which it may have failed.
packages_apt_back() {
  pkgrec=$journal/packages.$at pkgtrouble=
  [ -e "$pkgrec" ] || return 0
  apt_policy
  apt_list "$pkgrec.now" && apt_return
  word=$(only_in "$pkgrec" "$pkgrec.now")
  [ -z "$word" ] || package_turn dpkg --force-remove-reinstreq --purge $word || { pkgtrouble=1; package_said dpkg; }
  word=$(awk 'NR == FNR {if ($3 == "config-files") seen[$1]; next} $1 in seen && $3 != "config-files" {print $1}' "$pkgrec" "$pkgrec.now")
  [ -z "$word" ] || package_turn dpkg --force-remove-reinstreq --remove $word || { pkgtrouble=1; package_said dpkg; }
  # What of others was cut off with ours; what was broken before stays so.
  apt_as_before || package_turn dpkg --configure -a
  apt_policy_off
  package_accounts
  if [ -e "$pkgrec.marks" ]; then cp -a "$pkgrec.marks" /var/lib/apt/extended_states; else rm -f /var/lib/apt/extended_states; fi
  ! apt_as_before || { rm -f "$pkgrec.now"; return 0; }
  [ -n "$pkgtrouble" ] || why="$(cat "$pkgrec" "$pkgrec.now" | sort | uniq -u | cut -d' ' -f1 | sort -u | head -n 5 | tr '\n' ' ')differ from before"
  return 1
}
`;
