/**
 * Records of programs that live: `record FILE` leaves this shell's, `running FILE` says whether who left it still runs. A
 * number alone would not do: it may have gone to another program since. Both want `BOOT`, the boot's own id.
 */
export const ALIVE = String.raw`
# PID: when it started, in ticks since the boot; fails when it is gone or a zombie.
ticks() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -f
  # shellcheck disable=SC2086 # the words are meant to be split
  set -- ${'$'}{stat##*) }
  set +f
  ticks=${'$'}{20}
  [ "$1" != Z ]
}
record() { ticks "$$" && printf '%s %s %s\n' "$$" "$ticks" "$BOOT" >"$1"; }
running() {
  pid=
  { read -r pid began booted <"$1"; } 2>/dev/null || return 1
  [ "$booted" = "$BOOT" ] && ticks "$pid" && [ "$ticks" = "$began" ]
}
`;
