import {ALIVE} from './library-alive.ts';

/**
 * The words that the run's own file knows: `start`, `guard`, `carry`, `follow`, `confirm`, `undo`, `recover`.
 * - Confirming and undoing contend for one link, `decided`: making it is atomic as mkdir is, and it says at once which of
 *   the two it was, so that a shell that dies right after leaves no doubt.
 * - Only the guard undoes or completes a run, woken by USR1. The run itself stays to watch the guard, and takes its place
 *   where that is killed; where both are, the controller or the next run does.
 * - Time is /proc/uptime: nothing that sets the clock moves the deadline.
 */
export const GUARD = String.raw`${ALIVE}
now() { read -r now _ </proc/uptime; now=${'$'}{now%.*}; }
log() { { printf '%s\n' "$*" >>"$D/log"; } 2>/dev/null; }
# Over what is there, in one write: nobody ever reads half of it, and the empty lines cover a longer word.
state() { printf '%s\n\n\n\n\n\n' "$1" 1<>"$D/state"; } 2>/dev/null
first() { word=; { read -r word <"$1"; } 2>/dev/null || [ -n "$word" ]; }
decide() { ln -s "$*" "$D/decided" 2>/dev/null; }
# What is waited for comes in milliseconds or not for long.
nap() {
  if [ "${'$'}{tries:-10}" -lt 10 ]; then sleep 0.01 2>/dev/null; else sleep 0.05 2>/dev/null; fi || sleep 1
}
wake() { running "$D/guard" && kill -USR1 "$pid" 2>/dev/null; }
# Whoever waits for news.
tell() {
  for listener in "$D"/listener.*; do ! running "$listener" || kill -USR1 "$pid" 2>/dev/null; done
}
# NAME: of two of one name only the last one is told.
listen() {
  wakeable
  [ "$D" = "$V" ] || record "$D/listener.$1"
} 2>/dev/null
# A signal that comes before the sleep leaves its mark, and one that comes later ends it.
wakeable() { trap 'woken=1; kill "$napping" 2>/dev/null' USR1; }
# SECONDS, or until somebody wakes us: to be called with woken emptied before the look at what is waited for.
doze() {
  sleep "$1" >/dev/null &
  napping=$!
  if [ -n "$woken" ]; then kill "$napping"; else wait "$napping"; fi
  napping=''
} 2>/dev/null
# SECONDS WORD...: until WORD... holds, or no news has come for so long.
await() {
  patience=$1
  shift
  while woken='' && ! "$@"; do
    doze "$patience"
    [ -n "$woken" ] || return 0
  done
}
# Takes the place of a guard that is gone; the link lets one of several in.
succeed() {
  ! running "$D/guard" && [ -n "$pid" ] && ln -s "$$" "$D/after.$pid.$began" 2>/dev/null || return 1
  trap : USR1
  record "$D/guard" && log "note the guard was killed, and another took its place"
}
inherit() {
  if [ ! -h "$D/decided" ]; then guard
  elif first "$D/result"; then close "$word"
  elif [ -e "$V/uncommitted" ]; then recover
  else resolve; fi
}
# A change that takes the memory away wakes the OOM killer, which shall take somebody else.
spare() { { printf '%s\n' -900 >/proc/$$/oom_score_adj; } 2>/dev/null; }
# Whoever is killed of the guard and its watch, the other one is there.
watch() {
  record "$D/watch" || return 0
  spare
  printf '' >"$D/carry"
  carrying=
  until over || [ ! -e "$D/run.sh" ]; do
    ! succeed || { inherit; return; }
    sleep 3
  done
}
put_off() { { printf '%s\n' "$1" >"$D/deadline"; } 2>/dev/null || { why="the deadline cannot be written to $D"; return 1; }; }
extend() {
  now
  until=$((now + STEP))
  [ "$until" -lt "$latest" ] || until=$latest
  put_off "$until"
}
syslog() {
  [ -S /dev/log ] && command -v logger >/dev/null || return 0
  first "$D/from"
  for line in "$@"; do printf '%s from %s, run %s: %s\n' "$WHO" "${'$'}{word:-here}" "$RUN" "$line"; done >"$D/said"
  logger -t linerate -p daemon.notice <"$D/said" >/dev/null || :
} 2>/dev/null

still_guarded() { running "$D/guard" || { why="the guard is gone"; return 1; }; }
begin() {
  at=$1
  if [ -n "$carrying" ]; then
    [ ! -h "$D/decided" ] || exit 0
    now
    # The kernel hands a look at the guard out byte by byte; within a second a signal that does nothing tells as much.
    if [ "$now" != "$looked" ]; then
      still_guarded && extend || return 1
      looked=$now guard=$pid
    else
      kill -0 "$guard" || { why="the guard is gone"; return 1; }
    fi
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
  at='' looked=''
  now
  latest=$((now + MOST))
  linked_before
  if { [ -z "$DISK" ] || disk_journal applying; } && live_steps && { at=; settle_all; } && still_guarded; then
    summary
    now
    if [ -z "$GUARDED" ]; then decide confirm
    elif put_off "$((now + CONFIRM + 1))" && state awaiting; then log "awaiting $CONFIRM" && tell
    else decide "undo the window cannot be opened"; fi
  else
    log "failed ${'$'}{at:--} $why"
    decide "undo a step failed"
  fi
  [ ! -h "$D/decided" ] || wake
  watch
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
# Who decides wakes us, so that only a run that may be killed half-way needs to be looked at each second.
pace() {
  pace=1
  first "$D/state"
  [ "$word" != awaiting ] || pace=$((deadline - now))
  [ "$pace" -le 5 ] || pace=5
}
guard() {
  wakeable
  now
  deadline=$((now + STEP))
  record "$D/guard" || exit 1
  tell
  spare
  while woken='' && [ ! -h "$D/decided" ]; do
    if orphaned; then overrule "the run was ended before it was done"
    elif late; then
      first "$D/state"
      if [ "$word" = awaiting ]; then overrule "nobody confirmed it within $CONFIRM s"
      else overrule "it was not done in time"; fi
    else
      pace
      doze "$pace"
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
# What was begun last a power cut has taken off the list: each undo is right also where nothing was done yet.
read_begun() {
  begun=
  [ ! -e "$V/begun" ] || journal=$V
  [ -z "$rebooted" ] || return 0
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
  sort -ru "$journal/before/made" ${'$'}{rebooted:+"$journal/before/missing"} 2>/dev/null | while IFS= read -r made; do rmdir "$made" 2>/dev/null; done
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
  syslog "$result: $1"
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
