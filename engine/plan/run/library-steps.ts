/**
 * What steps turn into, in the run's own file. Every function leaves its reason in `why` when it fails. The shell's own
 * printf writes, since a fork costs fifty times what a write does; only when one is refused does cat try once more,
 * because dash does not tell EIO from EINVAL.
 */
export const STEPS = String.raw`
said() {
  why=$(tail -n 4 "$out" 2>/dev/null | tail -c 600 | tr '\n\t' '  ')
  why="${'$'}{1:+$1: }${'$'}{why:-no reason was given}"
}
write() {
  [ -z "$rebooted" ] || return 0
  [ -e "$1" ] || { why="$1 does not exist"; return 1; }
  { printf '%s\n' "$2" >"$1"; } 2>/dev/null && return 0
  { printf '%s\n' "$2" | cat >"$1"; } 2>"$out" && return 0
  said
  why="$1 refused \"$2\" ($why)"
  # What refused the way there may refuse the way back too, and has never held anything else.
  [ -z "$carrying" ] && [ "$(tr '\t' ' ' <"$1" 2>/dev/null)" = "$2" ]
}
# The kernel hands numbers out in one piece only, and read takes bytes.
write_other() { [ "$(cat "$1" 2>/dev/null)" = "$2" ] || write "$1" "$2"; }
interrupt() {
  irq=
  for found in $(grep -lxF -e "$1" /sys/kernel/irq/*/actions 2>/dev/null); do
    [ -z "$irq" ] || { why="several interrupts are called $1"; return 1; }
    irq=${'$'}{found%/actions}
    irq=${'$'}{irq##*/}
  done
  [ -z "$irq" ] || return 0
  for found in /proc/irq/*/"$1"; do
    [ -d "$found" ] || continue
    [ -z "$irq" ] || { why="several interrupts are called $1"; return 1; }
    irq=${'$'}{found#/proc/irq/}
    irq=${'$'}{irq%%/*}
  done
  [ -n "$irq" ] || { why="no interrupt is called $1"; return 1; }
}
affinity() {
  [ -z "$rebooted" ] || return 0
  interrupt "$1" || return 1
  write "/proc/irq/$irq/smp_affinity_list" "$2" && return 0
  case $why in
  *"Input/output error"* | *"I/O error"* | *"Operation not permitted"*) log "limit $at the kernel keeps $1 where it is: $why" ;;
  *) return 1 ;;
  esac
}
run() {
  [ -z "$carrying" ] || extend || return 1
  (umask 022; exec "$@") </dev/null >"$out" 2>&1
  status=$?
  [ "$status" -ne 0 ] || return 0
  # Of a script its name and words tell more than its text.
  [ "$1 $2" != '/bin/sh -c' ] || [ $# -lt 4 ] || shift 3
  said "exit status $status of $(printf '%s' "$*" | tr '\n' ' ')"
  return 1
}
run_optional() { run "$@" || log "note $why"; }
# NIC...: until their links are back, of those that had one when the run began.
settle() {
  [ -z "$rebooted" ] || return 0
  { read -r up <"$D/up"; } 2>/dev/null
  now
  limit=$((now + SETTLE))
  [ -z "$carrying" ] || put_off "$((limit + STEP))" || return 1
  # A driver may take its link down only after it has answered.
  sleep 1
  for nic in "$@"; do
    case " $up " in *" $nic "*) ;; *) continue ;; esac
    until linked "$nic"; do
      [ -z "$carrying" ] || [ ! -h "$D/decided" ] || exit 0
      now
      [ "$now" -lt "$limit" ] || { why="$nic has had no link for $SETTLE s"; return 1; }
      nap
    done
  done
}
no_folder() { [ -h "$1" ] || [ ! -d "$1" ] || { why="$1 is a folder"; return 1; }; }
folder() {
  [ ! -d "$1/" ] || return 0
  folder "${'$'}{1%/*}" || return 1
  printf '%s\n' "$1" >>"$journal/before/made" || { why="the journal takes no more"; return 1; }
  mkdir -m 755 "$1" 2>"$out" || { said; return 1; }
}
place() {
  fresh=${'$'}{1%/*}/.linerate-$RUN
  shift
  "$@" 2>"$out" && return 0
  said
  rm -f -- "$fresh"
  return 1
}
# mv would go into the folder that a link leads to.
moved() { { [ ! -h "$1" ] || [ ! -d "$1" ] || rm -f -- "$1"; } && mv -f -- "$fresh" "$1"; }
placed() {
  printf '%s' "$3" >"$fresh" && { [ -z "$4" ] || chown -- "$4" "$fresh"; } && chmod "$2" "$fresh" && moved "$1"
}
# PATH MODE TEXT [OWNER]
put() {
  no_folder "$1" || return 1
  folder "${'$'}{1%/*}" && place "$1" placed "$1" "$2" "$3" "$4" || return 1
  ! command -v restorecon >/dev/null 2>&1 || restorecon -F "$1" >/dev/null 2>&1 || :
}
remove() {
  no_folder "$1" || return 1
  rm -f -- "$1" 2>"$out" || { said; return 1; }
}
# Folders that the steps will make for it: after a power cut nobody else knows them.
lacks() {
  above_it=${'$'}{1%/*}
  while [ -n "$above_it" ] && [ ! -d "$above_it/" ]; do
    printf '%s\n' "$above_it" >>"$journal/before/missing" || return 1
    above_it=${'$'}{above_it%/*}
  done
} 2>/dev/null
keep() {
  [ ! -e "$journal/before/$1" ] && [ ! -h "$journal/before/$1" ] && [ ! -e "$journal/before/$1.absent" ] || return 0
  if [ -e "$2" ] || [ -h "$2" ]; then cp -a -- "$2" "$journal/before/$1"; else lacks "$2" && printf "" >"$journal/before/$1.absent"; fi 2>"$out" ||
    { said "the journal cannot keep $2"; return 1; }
}
returned() { cp -a -- "$1" "$fresh" && moved "$2"; }
restore() {
  kept=$journal/before/$1
  if [ -e "$kept.absent" ]; then remove "$2"
  elif [ -e "$kept" ] || [ -h "$kept" ]; then folder "${'$'}{2%/*}" && place "$2" returned "$kept" "$2"
  fi
}
# FROM PATH
bring() {
  no_folder "$2" || return 1
  folder "${'$'}{2%/*}" && place "$2" returned "$1" "$2"
}
try() {
  "$@" || failures="$failures${'$'}{failures:+; }$why"
}
`;
