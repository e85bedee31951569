import {KEPT, RUNNING} from '../run/library-journal.ts';

/** Who decides first what becomes of a trial boot, its confirmation or its deadline: a link to `keep` or `reboot`. */
export const DECISION = '/run/linerate-trial';

/**
 * What a trial's own file knows beside what a run's does; all its names begin with `trial_`.
 * - The journal lies on disk from the beginning, and the unit that takes everything away again (`ended`) before the entry:
 *   whatever cuts us off, the next plain boot ends the trial.
 * - The lock of all runs is held until the host goes down.
 */
export const TRIAL = String.raw`
wants=/etc/systemd/system/sysinit.target.wants
deadline_unit=/etc/systemd/system/linerate-trial.service
end_unit=/etc/systemd/system/linerate-trial-end.service
trial_link() { folder "$wants" && ln -s "$1" "$wants/${'$'}{1##*/}" 2>"$out" || { said "$1 cannot be enabled"; return 1; }; }
# Not all file systems: one of them may hang.
trial_sync() { sync "$V" "$V"/* "$V"/before/* "$GRUBENV" "$FILE" "${'$'}{FILE%/*}" "$end_unit" "${'$'}{end_unit%/*}" "$wants" 2>/dev/null; }
trial_arm() {
  put "$end_unit" 644 "$END_TEXT" && trial_link "$end_unit" &&
    put "$deadline_unit" 644 "$DEADLINE_TEXT" && trial_link "$deadline_unit" && make_entry && choose
}
# What is left of it when something fails is tried again at the next boot: the unit that does so goes last.
trial_disarm() {
  failures=
  try unchoose
  try unmake_entry
  rm -f "${'$'}{FILE%/*}/.linerate-$RUN" "${'$'}{end_unit%/*}/.linerate-$RUN"
  for own in "$deadline_unit" "$end_unit"; do
    [ -z "$failures" ] || break
    try remove "$wants/${'$'}{own##*/}"
    try remove "$own"
  done
  [ ! -e "$journal/before/made" ] || sort -r "$journal/before/made" | while IFS= read -r made; do rmdir "$made" 2>/dev/null; done
  [ -z "$failures" ] || log "note $failures"
  trial_sync
  [ -z "$failures" ]
}
trial_close() {
  unlock
  rm -f "$D/out"
  out=/dev/null
  log "end $1"
  state "$1"
  trial_sync
}
# REASON
trial_fall_back() {
  log "undo $1"
  result=undone
  trial_disarm || result=undo-failed
  syslog "$result: $1"
  trial_close "$result"
  rm -rf "${RUNNING}/$RUN"
}
# Not into a kernel that kexec holds ready, and not without the kernel: the boot loader must come by (systemctl(1)).
SYSTEMCTL_SKIP_AUTO_KEXEC=1 SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT=1
export SYSTEMCTL_SKIP_AUTO_KEXEC SYSTEMCTL_SKIP_AUTO_SOFT_REBOOT
trial_attempt() {
  record "${RUNNING}/$RUN/guard"
  cat /proc/sys/kernel/panic >"$D/panic"
  if trial_arm; then
    state awaiting
    log "awaiting $DEADLINE"
    syslog "reboots to try $TRIES"
    trial_sync
    # Whoever holds the lock must live until the host goes down.
    systemctl reboot >"$out" 2>&1 && exec sleep 1800
    said "the host cannot be rebooted"
  fi
  log "failed - $why"
  trial_fall_back "$why"
}
# Trials that were cut off before they had done anything.
trial_tidy() {
  for found in ${KEPT}/*/trial.sh; do
    D=${'$'}{found%/*}
    [ ! -e "$found" ] || over || /bin/sh "$found" ended >/dev/null 2>&1
  done
  D=$own
}
trial_start() {
  left='' own=$D
  record "$D/starter" && printf '' >"$D/log" && printf '' >"$D/out" && state applying || refuse no-room "$D"
  printf '%s\n' "${'$'}{LR_SSH_CONNECTION%% *}" >"$D/from"
  [ -d /run/systemd/system ] || refuse no-systemd "no systemd runs here"
  lock
  tidy
  [ ! -e "$end_unit" ] || refuse trial-armed "$end_unit"
  trial_tidy
  can_make && can_choose || refuse cannot-try "$why"
  if ! { mkdir -p "$V/before" && cp -- "$D/trial.sh" "$D/run.json" "$D/from" "$D/log" "$D/out" "$D/state" "$V/"; } 2>"$out"; then
    rm -rf "$V"
    refuse no-room "$V"
  fi
  rm -f "$D/run.json"
  D=$V
  if ! systemd-run --quiet --unit="linerate-trial-$RUN" /bin/sh "$V/trial.sh" attempt </dev/null >"$out" 2>&1; then
    said
    rm -rf "$V"
    D=$own
    refuse no-guard "$why"
  fi
  trial_status 0
}

trial_runs() {
  read -r line </proc/cmdline
  case " $line " in *" $ARGUMENT=$RUN "*) ;; *) return 1 ;; esac
}
# LINES
trial_status() {
  if trial_runs; then booted=trial; else booted=plain; fi
  printf 'boot %s\nbooted %s\n' "$BOOT" "$booted"
  tries=0
  until over || [ "$word" = awaiting ] || [ "$tries" -ge 30 ]; do
    tries=$((tries + 1))
    nap
  done
  answer "$1"
}
trial_decide() {
  ln -s "$1" ${DECISION} 2>/dev/null
  [ "$(readlink ${DECISION})" = "$1" ]
}
trial_keep() {
  ! over && trial_runs && trial_decide keep || return 0
  state unpersisted
  systemctl --no-block stop "${'$'}{deadline_unit##*/}" >/dev/null 2>&1
  # The trial's own panic= is for the trial: sysctl.d may have set another since. The kernel hands it out in one piece only.
  [ "$(cat /proc/sys/kernel/panic)" != "$PANIC" ] || ! first "$D/panic" || printf '%s\n' "$word" >/proc/sys/kernel/panic
  log confirmed
  syslog "keeps the trial boot with $TRIES"
  trial_disarm
  systemctl daemon-reload >/dev/null 2>&1
  log "persist-failed - the next boots are not written yet"
  trial_close unpersisted
}
trial_written() { ! { first "$D/state" && [ "$word" = unpersisted ]; } || trial_close confirmed; }
# REASON
trial_drop() {
  ! over && trial_runs && trial_decide reboot || return 0
  printf '%s\n' "$1" >"$D/reason"
  trial_sync
  systemctl reboot >/dev/null 2>&1 || systemctl reboot --force >/dev/null 2>&1
}
# The plain boot after it.
trial_end() {
  ! over || { trial_disarm; return; }
  state=
  ! first "$D/state" || state=$word
  if [ -s "$D/reason" ]; then read -r reason <"$D/reason"
  elif [ -e "$D/booted" ]; then reason="the trial boot came up, and nobody confirmed it within $DEADLINE s"
  elif [ "$state" = awaiting ]; then reason="the trial boot did not come up"
  else reason="it was cut off before the trial boot"; fi
  trial_fall_back "$reason; the host is back on its earlier boot"
}
`;
