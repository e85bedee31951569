/** Where a run's journal lies while it goes on. */
export const RUNNING = '/run/linerate';

/** Where it lies for good. */
export const KEPT = '/var/lib/linerate/runs';

/** The folders that a power cut may take with all that is in them, as long as they are new. */
const ABOVE = [KEPT, KEPT.slice(0, KEPT.lastIndexOf('/')), '/var/lib'];

/** The unit that undoes at the next boot what a run has left half-written on disk. */
const UNIT = '/etc/systemd/system/linerate-undo.service';

/** The boot layer, the journal's way to its place for good, and what becomes of a run that was cut off. */
export const JOURNAL = String.raw`
V=${KEPT}/$RUN
above='${ABOVE.join(' ')}'
promised=${RUNNING}/unpersisted
unit=${UNIT}
wanted=/etc/systemd/system/sysinit.target.wants/linerate-undo.service
# MARK: from now on whatever cuts us off leaves a journal on disk, and with it the way back.
disk_journal() {
  if [ ! -e "$V/uncommitted" ]; then
    # Who was killed right here has kept files only in part.
    [ ! -e "$V" ] || rm -rf "$V"
    { mkdir -p "$V/before" && cp -- "$D/run.sh" "$D/run.json" "$D/from" "$V/"; } 2>"$out" || { said "the journal cannot be kept in ${KEPT}"; return 1; }
  fi
  journal=$V
  keeps || return 1
  printf '%s\n' "$1" >"$V/uncommitted" || { why="the journal takes no more"; return 1; }
  sync "$V" "$V"/* "$V"/before/* $above 2>/dev/null
  boot_undo
}
boot_undo() {
  [ -d /run/systemd/system ] || { log "note no systemd runs here: a reboot half-way through writing files would leave them so"; return 0; }
  { mkdir -p "${'$'}{wanted%/*}" && printf '%s\n' '[Unit]' 'Description=Undo a linerate run that a reboot cut off' \
    'DefaultDependencies=no' 'Conflicts=shutdown.target' 'RequiresMountsFor=${KEPT}' 'After=local-fs.target' \
    'Before=systemd-sysctl.service sysinit.target shutdown.target' "ConditionPathExists=$V/uncommitted" \
    '[Service]' 'Type=oneshot' "ExecStart=/bin/sh $V/run.sh recover" >"$unit" && chmod 644 "$unit" &&
    ln -sf "$unit" "$wanted" && sync "$unit" "${'$'}{unit%/*}" "${'$'}{wanted%/*}"; } 2>"$out" || { said "the unit $unit cannot be written"; return 1; }
}
# Once the run's end is on disk: should the mark outlive a power cut, recover finds that end, and takes but the mark away.
commit() {
  [ -e "$V/uncommitted" ] || return 0
  rm -f -- "$V/uncommitted" "$unit" "$wanted"
  [ ! -d "${'$'}{wanted%/*}" ] || rmdir "${'$'}{wanted%/*}"
} 2>/dev/null
persist() {
  state persisting
  log persisting
  carrying='' at=''
  if disk_journal persisting && lasting_steps && wrote && result confirmed; then lasting_summary; return 0; fi
  log "persist-failed ${'$'}{at:--} $why"
  forsake
}
# The boot layer as it was: all of it or nothing.
forsake() {
  read_begun
  [ -z "$rebooted" ] && [ ! -e "$V/begun" ] || undo_all $LASTING_UNDO || log "note the boot layer could not be brought back whole"
  return 1
}
fulfil() {
  carrying=
  log confirmed
  result=confirmed
  [ -z "$LASTING" ] || persist || result=unpersisted
  close "$result"
}
# STATE: from now on whoever takes our place has only to close the run.
result() { { printf '%s\n' "$1" >"$D/result"; } 2>/dev/null || :; }
# What holds and is in no file a plan cannot tell from a default that is good enough: it is told which runs those are, until
# the next boot or until another run has made it last or has taken it back.
tell_unpersisted() {
  if [ "$1" = unpersisted ]; then printf '%s\n' "$RUN" >>"$promised"
  elif [ "$1" = confirmed ] && [ -n "$MORE" ]; then
    [ -z "$PROMISES" ] || printf '%s\n' "$RUN" >>"$promised"
    now
    printf '%s\n' "$((now + MORE))" >${RUNNING}/more
  elif [ "$1" = confirmed ] && [ -n "$REDEEMS" ] && [ -e "$promised" ]; then
    while read -r run; do case $run in "$REDEEMS"-*) ;; *) printf '%s\n' "$run" ;; esac; done <"$promised" >"$promised.new" &&
      mv -f "$promised.new" "$promised" && { [ -s "$promised" ] || rm -f "$promised"; }
  fi
} 2>/dev/null
# The colon keeps the link from leading to the run's folder, into which ln would put the next one.
unlock() { [ "$(readlink ${RUNNING}/lock 2>/dev/null)" != ":$RUN" ] || rm -f ${RUNNING}/lock; }
# What is kept of a run once it is over; what its journal on disk has already is not written again.
kept() {
  [ "$D" != "$V" ] || return 0
  if [ -e "$V/uncommitted" ]; then set --; else set -- "$D/run.json" "$D/run.sh" "$D/from"; fi
  for name in boot guard begun decided result log state; do
    { [ ! -e "$D/$name" ] && [ ! -h "$D/$name" ]; } || set -- "$@" "$D/$name"
  done
  { [ -d "$V" ] || mkdir -p "$V"; } && cp -a -- "$@" "$V/"
} 2>/dev/null
# Its end comes last: who reads that after a power cut finds all the rest.
on_disk() { sync "$V/run.json" "$V/run.sh" "$V/from" "$V/log" "$V/wrote" "$V/before/made" "$V/before" "$V/state" "$V" $above 2>/dev/null; }
# Nobody hears of an end that is not on disk: the one who waits for it looks at $D for as long as that is there.
close() {
  sync_files 2>/dev/null
  result "$1"
  out=/dev/null old=$D
  set -- "$1"
  for listener in "$D"/listener.*; do ! running "$listener" || set -- "$@" "$pid" "$ticks"; done
  if kept; then
    D=$V
    log "end $1"
    state "$1"
    on_disk
  else
    log "note the journal stays in $D: ${KEPT} cannot be written"
  fi
  commit
  tell_unpersisted "$1"
  if [ -n "$locked" ]; then rm -f ${RUNNING}/lock; else unlock; fi
  if [ "$D" != "$V" ]; then
    log "end $1"
    state "$1"
  elif [ "$old" != "$V" ]; then
    # Away in one piece: a half-removed folder would still take somebody's decision.
    mv "$old" "${RUNNING}/.$RUN" && rm -rf "${RUNNING}/.$RUN"
  fi
  shift
  while [ $# -gt 0 ]; do
    ! ticks "$1" || [ "$ticks" != "$2" ] || kill -USR1 "$1" 2>/dev/null
    shift 2
  done
}

over() { first "$D/state" && case $word in confirmed | unpersisted | undone | undo-failed) ;; *) return 1 ;; esac; }
# What a reboot or a kill has left: everything back that is not confirmed.
recover() {
  ! over || { commit; return 1; }
  ! first "$D/result" || { close "$word"; return; }
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
`;
