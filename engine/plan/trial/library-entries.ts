/**
 * A copy of an entry of the Boot Loader Specification. Its name, with neither version nor sort key, comes last in every
 * loader's order: nothing but the choice for one boot starts it. No mode is set, as the EFI system partition knows none.
 */
export const ENTRY_BY_COPY = String.raw`
copied() {
  { printf 'title linerate trial\noptions %s\n' "$ARGUMENTS" &&
    grep -Ev '^[[:space:]]*(title|version|sort-key|options|machine-id|id)([[:space:]]|$)' "$COPIES"; } >"$fresh" && mv -f -- "$fresh" "$FILE"
}
can_make() { grep -Eq '^[[:space:]]*(linux|efi)[[:space:]]' "$COPIES" || { why="$COPIES starts no kernel"; return 1; }; }
make_entry() {
  place "$FILE" copied || return 1
  ! command -v restorecon >/dev/null 2>&1 || restorecon -F "$FILE" >/dev/null 2>&1 || :
}
unmake_entry() { remove "$FILE"; }
`;

/** systemd-boot's choice for one boot: an EFI variable, which it removes before it starts the entry (systemd-boot(7)). */
export const CHOOSE_BY_BOOTCTL = String.raw`
once=/sys/firmware/efi/efivars/LoaderEntryOneShot-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
next_entry() { [ ! -r "$once" ] || tail -c +5 "$once" | tr -d '\000'; }
can_choose() {
  command -v bootctl >/dev/null 2>&1 || { why="there is no bootctl"; return 1; }
  other=$(next_entry)
  [ -z "$other" ] || { why="systemd-boot is to boot \"$other\" once already"; return 1; }
}
choose() {
  bootctl set-oneshot "$ENTRY.conf" >"$out" 2>&1 || { said; return 1; }
  [ "$(next_entry)" = "$ENTRY.conf" ] || { why="the firmware does not keep the choice"; return 1; }
}
unchoose() {
  [ "$(next_entry)" = "$ENTRY.conf" ] || return 0
  bootctl set-oneshot '' >"$out" 2>&1 || { said; return 1; }
}
`;
