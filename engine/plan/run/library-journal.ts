/** Where a run's journal lies while it goes on. */
export const RUNNING = '/run/linerate';

/** Where it lies for good. */
export const KEPT = '/var/lib/linerate/runs';

/** The unit that undoes at the next boot what a run has left half-written on disk. */
const UNIT = '/etc/systemd/system/linerate-undo.service';

/** The lock, the boot layer, and the journal's way to its place for good. */
export const JOURNAL = String.raw`
V=${KEPT}/$RUN
unit=${UNIT}
wanted=/etc/systemd/system/sysinit.target.wants/linerate-undo.service
# MARK: from now on whatever cuts us off leaves a journal on disk, and with it the way back.
disk_journal() {
  { mkdir -p "$V/before" && cp -- "$D/run.sh" "$D/run.json" "$V/" &&
    { [ ! -e "$D/from" ] || cp -- "$D/from" "$V/"; }; } 2>"$out" || { said "the journal cannot be kept in ${KEPT}"; return 1; }
  journal=$V
  keeps || return 1
  printf '%s\n' "$1" >"$V/uncommitted" || { why="the journal takes no more"; return 1; }
  sync "$V" "$V"/* "$V"/before/* 2>/dev/null
  boot_undo
}
boot_undo() {
  [ -d /run/systemd/system ] || { log "note no systemd runs here: a reboot half-way through writing files would leave them so"; return 0; }
  { mkdir -p "${'$'}{wanted%/*}" && printf '%s\n' '[Unit]' 'Description=Undo a linerate run that a reboot cut off' \
    'DefaultDependencies=no' 'Conflicts=shutdown.target' 'RequiresMountsFor=${KEPT}' 'After=local-fs.target' \
    'Before=systemd-sysctl.service sysinit.target shutdown.target' "ConditionPathExists=$V/uncommitted" \
    '[Service]' 'Type=oneshot' "ExecStart=/bin/sh $V/run.sh recover" >"$unit" && chmod 644 "$unit" &&
    ln -sf "$unit" "$wanted" && sync "$unit" "${'$'}{wanted%/*}"; } 2>"$out" || { said "the unit $unit cannot be written"; return 1; }
}
commit() {
  [ -e "$V/uncommitted" ] || return 0
  sync_files 2>/dev/null
  rm -f -- "$V/uncommitted" "$unit" "$wanted" 2>"$out" || { said "the journal cannot be closed"; return 1; }
  rmdir "${'$'}{wanted%/*}" 2>/dev/null
  sync "$V" 2>/dev/null
  return 0
}
persist() {
  state persisting
  log persisting
  carrying='' at=''
  if disk_journal persisting && lasting_steps && wrote && commit; then syslog lasting_summary; return 0; fi
  log "persist-failed ${'$'}{at:--} $why"
  forsake
}
# The boot layer as it was: all of it or nothing.
forsake() {
  read_begun
  [ ! -e "$V/begun" ] || undo_all $LASTING_UNDO || log "note the boot layer could not be brought back whole"
  commit
  return 1
}
fulfil() {
  carrying=
  log confirmed
  result=confirmed
  [ -z "$LASTING" ] || persist || result=unpersisted
  close "$result"
}
close() {
  commit
  rm -f "$D/out" "$D"/*.out "$D/state.new" "$D/starter" "$D/carry" "$D/deadline" "$D/up"
  out=/dev/null
  if [ "$D" != "$V" ]; then
    if { mkdir -p "$V" && cp -a "$D/." "$V/"; } 2>/dev/null; then
      old=$D
      D=$V
      # Away in one piece: a half-removed folder would still take somebody's decision.
      mv "$old" "${RUNNING}/.$RUN" && rm -rf "${RUNNING}/.$RUN"
    else
      log "note the journal stays in $D: ${KEPT} cannot be written"
    fi
  fi
  unlock
  log "end $1"
  state "$1"
}

over() { first "$D/state" && case $word in confirmed | unpersisted | undone | undo-failed) ;; *) return 1 ;; esac; }
# What a reboot or a kill has left: everything back that is not confirmed.
recover() {
  ! over || [ -e "$V/uncommitted" ] || return 1
  first "$D/boot"
  [ "$D" != "$V" ] || [ "$word" = "$BOOT" ] || rebooted=1
  mark=
  ! first "$V/uncommitted" || { mark=$word; [ ! -e "$V/begun" ] || journal=$V; }
  decision=$(readlink "$D/decided" 2>/dev/null)
  if [ "$mark" = persisting ] || [ "$decision" = confirm ]; then
    log "persist-failed - it was cut off"
    forsake
    close unpersisted
  else
    decide "undo it was cut off"
    [ -z "$rebooted" ] || LIVE_UNDO=$DISK_UNDO
    undo "it was cut off"
  fi
}
# ID: does this run still go on?
goes_on() {
  if [ -e "${RUNNING}/$1/guard" ]; then running "${RUNNING}/$1/guard"; else running "${RUNNING}/$1/starter"; fi
}
# The colon keeps the link from leading to the run's folder, into which ln would put the next one.
unlock() { [ "$(readlink ${RUNNING}/lock 2>/dev/null)" != ":$RUN" ] || rm -f ${RUNNING}/lock; }
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
launch() {
  if [ -d /run/systemd/system ]; then
    systemd-run --quiet --unit="linerate-$1-$RUN" /bin/sh "$D/run.sh" "$1" </dev/null >"$D/$1.out" 2>&1
  elif command -v setsid >/dev/null 2>&1; then
    setsid /bin/sh "$D/run.sh" "$1" </dev/null >"$D/$1.out" 2>&1 &
  else
    echo 'no setsid is there' >"$D/$1.out"
    return 1
  fi
}
armed() {
  launch guard || return 1
  tries=0
  until running "$D/guard"; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || return 1
    nap
  done
}
start() {
  left=
  record "$D/starter" && printf '%s\n' "$BOOT" >"$D/boot" && printf '' >"$D/log" && printf '' >"$D/out" && state starting || refuse no-room "$D"
  printf '%s\n' "${'$'}{LR_SSH_CONNECTION%% *}" >"$D/from"
  lock
  tidy
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

# LINES: what the log says after so many, a little later unless there is something to decide on.
follow() {
  tries=0
  until over || [ "$word" = awaiting ] || [ "$tries" -ge 30 ]; do
    # The journal may have gone to its place for good.
    [ -e "$D/run.sh" ] || D=$V
    tries=$((tries + 1))
    nap
  done
  answer "$1"
}
answer() {
  first "$D/state" || { D=$V; first "$D/state"; } || return 1
  printf 'state %s\njournal %s\n' "$word" "$D"
  now
  ! first "$D/deadline" || printf 'left %s\n' "$((word - now))"
  if running "$D/guard"; then echo 'guard running'; else echo 'guard gone'; fi
  printf 'log\n'
  tail -n "+$(($1 + 1))" "$D/log"
  printf 'end\n'
}
# LINES DECISION: the first decision stands; then wait for what comes of it.
settled() {
  decide "$2"
  wake || over || resolve
  tries=0
  until over || [ "$tries" -ge 200 ]; do
    [ -e "$D/run.sh" ] || D=$V
    tries=$((tries + 1))
    nap
  done
  answer "$1"
}
`;
