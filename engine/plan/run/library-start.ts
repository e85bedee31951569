import {KEPT, RUNNING} from './library-journal.ts';

/** The lock, the start of a run and of its guard, and what the controller asks while it goes on. */
export const START = String.raw`
# ID: does this run still go on?
goes_on() {
  for who in guard watch carry starter; do ! running "${RUNNING}/$1/$who" || return 0; done
  return 1
}
refuse() {
  printf 'refused %s %s\nend\n' "$1" "$2"
  unlock
  rm -rf "$D"
  exit 0
}
lock() {
  tries=0
  until ln -s ":$RUN" ${RUNNING}/lock 2>/dev/null; do
    other=$(readlink ${RUNNING}/lock 2>/dev/null)
    [ -n "$other" ] || { tries=$((tries + 1)); [ "$tries" -lt 20 ] || refuse lock "${RUNNING}/lock cannot be made"; nap; continue; }
    ! goes_on "${'$'}{other#:}" || refuse locked "${'$'}{other#:}"
    # Only one may break it: who renames it; and what was renamed must be what was looked at.
    mv ${RUNNING}/lock "$D/broken" 2>/dev/null || continue
    [ "$(readlink "$D/broken")" = "$other" ] || mv "$D/broken" ${RUNNING}/lock
    left=${'$'}{other#:}
  done
}
# Runs that nobody ended: a plan made before they were undone is no plan of this host.
tidy() {
  tidied=
  for found in "${RUNNING}/$left" ${KEPT}/*; do
    [ "$found" != "${RUNNING}/" ] && [ -e "$found/run.sh" ] || continue
    [ "$found" = "${RUNNING}/$left" ] || [ -e "$found/uncommitted" ] || continue
    /bin/sh "$found/run.sh" recover >/dev/null 2>&1 && tidied="$tidied ${'$'}{found##*/}"
  done
  [ -z "$tidied" ] || refuse recovered "${'$'}{tidied# }"
}
# What holds values when links come up leaves a mark and then looks for our lock: one that was quicker is waited for.
others_done() {
  now
  limit=$((now + 30))
  for mark in ${RUNNING}/hold.*; do
    tries=0
    while running "$mark" && [ "$now" -lt "$limit" ]; do
      tries=$((tries + 1))
      nap
      now
    done
    [ ! -e "$mark" ] || rm -f "$mark"
  done
  [ ! -e ${RUNNING}/more ] || rm -f ${RUNNING}/more
}
transient() {
  systemd-run --quiet ${'$'}{2-} --unit="linerate-$1-$RUN" /bin/sh "$D/run.sh" "$1" </dev/null >"$D/$1.out" 2>&1
}
launch() {
  if [ -d /run/systemd/system ]; then
    # One that is killed would stay as a failed unit, which systemd cannot take away before 236.
    transient "$1" --collect || transient "$1"
  elif command -v setsid >/dev/null 2>&1; then
    setsid /bin/sh "$D/run.sh" "$1" </dev/null >"$D/$1.out" 2>&1 &
  else
    echo 'no setsid is there' >"$D/$1.out"
    return 1
  fi
}
armed() {
  launch guard || return 1
  await 5 running "$D/guard"
  running "$D/guard"
}
start() {
  left=
  listen start
  record "$D/starter" && printf '%s\n' "$BOOT" >"$D/boot" && printf '' >"$D/log" && printf '' >"$D/out" && state starting || refuse no-room "$D"
  printf '%s\n' "${'$'}{LR_SSH_CONNECTION%% *}" >"$D/from"
  lock
  tidy
  others_done
  now
  put_off "$((now + STEP))" && state applying || refuse no-room "$D"
  if ! armed; then
    decide "undo no guard"
    out=$D/guard.out
    said
    refuse no-guard "$why"
  fi
  launch carry || { decide "undo it could not be started"; wake; }
  follow 0
}

# The journal may have gone to its place for good.
ended() { { [ -e "$D/run.sh" ] || D=$V; } && over; }
decidable() { ended || [ "$word" = awaiting ]; }
# LINES: what the log says after so many, a little later unless there is something to decide on.
follow() {
  listen follow
  await 2 decidable
  answer "$1"
}
# In one piece: each one is a packet, and costs the controller more than all of the words.
answer() {
  first "$D/state" || { D=$V; first "$D/state"; } || return 1
  # Of a run that a reboot cut off the log has begun anew.
  [ -e "$D/boot" ] || set -- 0
  said=$word
  now
  left=
  ! first "$D/deadline" || left=$((word - now))
  if running "$D/guard"; then word=running; else word=gone; fi
  news=$(tail -n "+$(($1 + 1))" "$D/log")
  printf 'state %s\njournal %s\n%sguard %s\nlog\n%send\n' "$said" "$D" "${'$'}{left:+left $left
}" "$word" "${'$'}{news:+$news
}"
}
# LINES DECISION: the first decision stands; then wait for what comes of it.
settled() {
  listen "$$"
  decide "$2"
  wake || running "$D/watch" || over || ! succeed || inherit
  await 10 ended
  # Who was there to do it may have been killed since.
  ended || wake || ! succeed || inherit
  answer "$1"
}
`;
