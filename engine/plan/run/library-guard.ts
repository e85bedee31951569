/**
 * The words that the run's own file knows: `start`, `guard`, `carry`, `follow`, `confirm`, `undo`, `recover`.
 * - Confirming and undoing contend for one link, `decided`: making it is atomic as mkdir is, and it says at once which of
 *   the two it was, so that a shell that dies right after leaves no doubt.
 * - Only the guard undoes or completes a run, woken by USR1; another does where the guard is gone.
 * - Time is /proc/uptime: nothing that sets the clock moves the deadline.
 */
export const GUARD = String.raw`
now() { read -r now _ </proc/uptime; now=${'$'}{now%.*}; }
log() { { printf '%s\n' "$*" >>"$D/log"; } 2>/dev/null; }
state() { { printf '%s\n' "$*" >"$D/state.new" && mv -f "$D/state.new" "$D/state"; } 2>/dev/null; }
first() { word=; { read -r word <"$1"; } 2>/dev/null || [ -n "$word" ]; }
decide() { ln -s "$*" "$D/decided" 2>/dev/null; }
# What is waited for comes in milliseconds or not for long.
nap() {
  if [ "${'$'}{tries:-10}" -lt 10 ]; then sleep 0.01 2>/dev/null; else sleep 0.05 2>/dev/null; fi || sleep 1
}
# PID: when it started, in ticks since the boot; fails when it is gone or a zombie.
ticks() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -f
  set -- ${'$'}{stat##*) }
  set +f
  ticks=${'$'}{20}
  [ "$1" != Z ]
}
record() { ticks "$$" && printf '%s %s %s\n' "$$" "$ticks" "$BOOT" >"$1"; }
running() {
  { read -r pid began booted <"$1"; } 2>/dev/null || return 1
  [ "$booted" = "$BOOT" ] && ticks "$pid" && [ "$ticks" = "$began" ]
}
wake() { running "$D/guard" && kill -USR1 "$pid" 2>/dev/null; }
put_off() { { printf '%s\n' "$1" >"$D/deadline"; } 2>/dev/null || { why="the deadline cannot be written to $D"; return 1; }; }
extend() {
  now
  until=$((now + STEP))
  [ "$until" -lt "$latest" ] || until=$latest
  put_off "$until"
}
syslog() {
  command -v logger >/dev/null 2>&1 || return 0
  first "$D/from"
  "$@" | while IFS= read -r line; do printf '%s from %s, run %s: %s\n' "$WHO" "${'$'}{word:-here}" "$RUN" "$line"; done |
    logger -t linerate -p daemon.notice >/dev/null 2>&1 || :
}

still_guarded() { running "$D/guard" || { why="the guard is gone"; return 1; }; }
begin() {
  at=$1
  if [ -n "$carrying" ]; then
    [ ! -h "$D/decided" ] || exit 0
    still_guarded && extend || return 1
  fi
  printf '%s\n' "$1" >>"$journal/begun" && log "begin $1" || { why="the journal takes no more"; return 1; }
} 2>/dev/null
finished() { log "done $1"; }

linked() {
  first "/sys/class/net/$1/carrier" && [ "$word" = 1 ] || return 1
  [ ! -e "/sys/class/net/$1/bonding_slave/mii_status" ] || { first "/sys/class/net/$1/bonding_slave/mii_status" && [ "$word" = up ]; }
}
linked_before() {
  up=
  for nic in $NICS; do ! linked "$nic" || up="$up $nic"; done
  printf '%s\n' "$up" >"$D/up"
}
settle_all() {
  [ -n "$NICS" ] || return 0
  log "settling $NICS"
  settle $NICS
}
carry() {
  record "$D/carry" || exit 1
  carrying=1
  at=
  now
  latest=$((now + MOST))
  linked_before
  if { [ -z "$DISK" ] || disk_journal applying; } && live_steps && { at=; settle_all; } && still_guarded; then
    syslog summary
    now
    if [ -z "$GUARDED" ]; then decide confirm; wake || resolve
    else put_off "$((now + CONFIRM + 1))" && state awaiting && log "awaiting $CONFIRM"; fi
  else
    log "failed ${'$'}{at:--} $why"
    if decide "undo a step failed"; then wake || resolve; fi
  fi
}

late() {
  ! first "$D/deadline" || [ -z "$word" ] || deadline=$word
  now
  [ "$now" -ge "$deadline" ]
}
# The run was killed half-way: nobody else will say so.
orphaned() {
  [ -e "$D/carry" ] && first "$D/state" && [ "$word" = applying ] && ! running "$D/carry" && first "$D/state" && [ "$word" = applying ]
}
# A file system that takes not even a link must not keep us from undoing.
overrule() {
  decide "undo $1" || [ -h "$D/decided" ] || { undo "$1"; exit 0; }
}
guard() {
  trap : USR1
  now
  deadline=$((now + STEP))
  record "$D/guard" || exit 1
  until [ -h "$D/decided" ]; do
    if orphaned; then overrule "the run was ended before it was done"
    elif late; then
      first "$D/state"
      if [ "$word" = awaiting ]; then overrule "nobody confirmed it within $CONFIRM s"
      else overrule "it was not done in time"; fi
    else
      sleep 1 &
      wait $!
    fi
  done
  resolve
}
stop_carry() {
  { read -r pid began booted <"$D/carry"; } 2>/dev/null || return 0
  [ "$pid" != "$$" ] && [ "$booted" = "$BOOT" ] || return 0
  # A number that has gone to another program since is not ours; a leader that is gone may have left a step behind.
  ! ticks "$pid" || [ "$ticks" = "$began" ] || return 0
  kill -TERM "-$pid" 2>/dev/null || return 0
  tries=0
  while kill -0 "-$pid" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -ne 60 ] || kill -KILL "-$pid" 2>/dev/null
    [ "$tries" -lt 90 ] || { log "note a step is still running and cannot be ended"; return 0; }
    nap
  done
}

begun() { [ -z "$begun" ] || case $begun in *" $1 "*) ;; *) return 1 ;; esac; }
read_begun() {
  begun=
  [ ! -e "$V/begun" ] || journal=$V
  [ -e "$D/log" ] || return 0
  begun=' '
  while read -r number; do begun="$begun$number "; done <"$journal/begun"
} 2>/dev/null
# NUMBER...: what fails is tried once more at the end, when what was in its way may be gone.
undo_all() {
  again=
  for number in "$@"; do
    begun "$number" || continue
    at=$number failures=''
    undo_step "$number"
    if [ -z "$failures" ]; then log "undone $number"; else again="$again $number"; fi
  done
  left=
  for number in $again; do
    at=$number failures=''
    undo_step "$number"
    if [ -z "$failures" ]; then log "undone $number"; else left=1; log "undo-failed $number $failures"; fi
  done
  [ ! -e "$journal/before/made" ] || sort -r "$journal/before/made" | while IFS= read -r made; do rmdir "$made" 2>/dev/null; done
  [ -z "$left" ]
}
undo() {
  carrying=
  state undoing
  log "undo $1"
  stop_carry
  read_begun
  result=undone
  undo_all $LIVE_UNDO || result=undo-failed
  syslog printf '%s\n' "$result: $1"
  close "$result"
}
resolve() {
  trap : USR1
  decision=$(readlink "$D/decided" 2>/dev/null)
  case $decision in
  undo\ *) undo "${'$'}{decision#undo }" ;;
  confirm) fulfil ;;
  esac
}
`;
