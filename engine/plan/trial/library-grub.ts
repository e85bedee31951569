/**
 * GRUB's choice for one boot: `next_entry` in its environment, as grub-reboot makes it. GRUB empties it before it starts
 * the entry, unless it cannot write there: then it would start the trial again and again, so that is refused
 * (grub-reboot(8), check_writable of 00_header).
 */
export const CHOOSE_BY_GRUB = String.raw`
grub() { tool=$1; shift; if command -v "grub2-$tool" >/dev/null 2>&1; then "grub2-$tool" "$@"; else "grub-$tool" "$@"; fi; }
environment() { grub editenv "$GRUBENV" list; }
next_entry() { environment 2>/dev/null | sed -n 's/^next_entry=//p'; }
can_choose() {
  [ -s "$GRUBENV" ] || { why="there is no $GRUBENV for GRUB to keep the choice in"; return 1; }
  on=$(grub probe --target=abstraction "$GRUBENV" 2>"$out") && type=$(grub probe --target=fs "$GRUBENV" 2>"$out") ||
    { said "nobody can tell whether GRUB can write $GRUBENV"; return 1; }
  # shellcheck disable=SC2086 # its lines become words
  [ -z "$on" ] || { why="GRUB cannot write $GRUBENV: it lies on $(echo $on)"; return 1; }
  case $type in
  btrfs | cpiofs | newc | odc | romfs | squash4 | tarfs | zfs | iso9660 | erofs) why="GRUB cannot write $GRUBENV: it lies on $type"; return 1 ;;
  esac
  environment >"$out" 2>&1 || { said; return 1; }
  # shellcheck disable=SC2086 # it may be a pattern
  grep -qs '^[^#]*next_entry' $CONFIG || { why="$CONFIG heeds no choice for one boot"; return 1; }
  other=$(next_entry)
  [ -z "$other" ] || { why="GRUB is to boot \"$other\" once already"; return 1; }
}
choose() {
  environment >"$journal/before/environment" || { why="the journal takes no more"; return 1; }
  grub editenv "$GRUBENV" set "next_entry=$ENTRY" 2>"$out" || { said; return 1; }
  [ "$(next_entry)" = "$ENTRY" ] || { why="$GRUBENV does not keep the choice"; return 1; }
}
# What GRUB leaves is empty; the line itself goes too where there was none.
unchoose() {
  [ -e "$journal/before/environment" ] || return 0
  case $(next_entry) in '' | "$ENTRY") ;; *) return 0 ;; esac
  if grep -q '^next_entry=' "$journal/before/environment"; then grub editenv "$GRUBENV" set next_entry= 2>"$out"
  else grub editenv "$GRUBENV" unset next_entry 2>"$out"; fi || { said; return 1; }
}
`;

const FIRST = '# linerate trial: begin';
const LAST = '# linerate trial: end';

/**
 * Prints the menu entry one of whose `linux` lines is LINUX under our own title, with ARGUMENTS in place of theirs. What it
 * does before (insmod, search) and after (initrd) stays, but not what it would have GRUB remember: a trial is nobody's saved
 * default, and Ubuntu's cloud images boot without an initrd only until one such boot has failed (10_linux, initrdfail).
 */
const COPY = String.raw`
function plain(text) { gsub(/[ \t]+/, " ", text); sub(/^ /, "", text); sub(/ $/, "", text); return text }
/^[ \t]*(menuentry|submenu)[ \t]/ { inside = /^[ \t]*menuentry/; count = found = 0; free = /--unrestricted/ ? " --unrestricted" : ""; next }
inside && /^[ \t]*}/ {
  inside = 0
  if (!found) next
  printf "menuentry \"linerate trial\" --id %s%s {\n", ENVIRON["ENTRY"], free
  for (line = 1; line <= count; line++) print body[line]
  print "}"
  exit
}
inside && /^[ \t]*(savedefault|initrdfail)[ \t]*$/ { next }
inside && /^[ \t]*linux(16|efi)?[ \t]/ {
  if (substr(plain($0), length($1) + 2) == plain(ENVIRON["LINUX"])) found = 1
  $0 = "\t" $1 " " $2 " " ENVIRON["ARGUMENTS"]
}
inside { body[++count] = $0 }
`;

/** The entry lies in custom.cfg, which grub.cfg reads as it is (41_custom), between marks of our own. */
export const ENTRY_BY_GRUB = String.raw`
copy_entry() {
  LINUX=$LINUX ARGUMENTS=$ARGUMENTS ENTRY=$ENTRY awk '${COPY}' "$CONFIG"
}
grown() {
  if [ -e "$FILE" ]; then cp -a -- "$FILE" "$fresh"; else printf '' >"$fresh"; fi &&
    printf '%s\n' '${FIRST}' "$block" '${LAST}' >>"$fresh" && cp -a -- "$fresh" "$journal/before/grown" && mv -f -- "$fresh" "$FILE"
}
can_make() {
  [ ! -h "$FILE" ] || { why="$FILE is a link"; return 1; }
  grep -q '^[^#]*custom\.cfg' "$CONFIG" || { why="$CONFIG does not read custom.cfg"; return 1; }
  block=$(copy_entry 2>"$out") && [ -n "$block" ] || { why="no entry of $CONFIG starts $LINUX any more"; return 1; }
}
make_entry() { can_make && keep 0 "$FILE" && place "$FILE" grown; }
stripped() { cp -a -- "$FILE" "$fresh" && sed '/^${FIRST}/,/^${LAST}/d' "$FILE" >"$fresh" && mv -f -- "$fresh" "$FILE"; }
# Byte by byte, unless somebody else has changed the file since.
unmake_entry() {
  [ -e "$journal/before/grown" ] && [ -e "$FILE" ] || return 0
  if cmp -s "$FILE" "$journal/before/grown"; then restore 0 "$FILE"; else place "$FILE" stripped; fi
}
`;
