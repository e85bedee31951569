# Applies a series of patches as quilt does, and says what came of each: $OUT/patches.json. A patch that does not apply is left
# out, and the next ones are tried all the same; whether the output counts is for the check to say.
# $FUZZ: how many lines of context may differ
# $SERIES: the series' path in the source `patches`, or empty for $FILES/patches/series
# $KEEP: `tree` makes $OUT/tree, `status` only what is told
set -eu

patches=$FILES/patches series=$FILES/patches/series
if [ -n "$SERIES" ]; then
  for archive in "$IN"/patches/*.debian.tar.* "$IN"/patches/*.tar*; do
    [ -e "$archive" ] || continue
    tar -xf "$archive" -C "$WORK" --no-same-owner "${SERIES%/*}" && break
  done
  patches=$WORK/${SERIES%/*} series=$WORK/$SERIES
fi
sed 's/\(^\|[[:space:]]\)#.*//; s/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d' "$series" >"$WORK/series"

# The files that a patch names, as paths in the tree.
named() {
  sed -n 's/^\(---\|+++\) \([^[:space:]]*\).*/\2/p; s/^rename \(from\|to\) \(.*\)/a\/\2/p' "$1" | grep -v '^/dev/null$' |
    awk -F / -v strip="$2" '{
      path = $0
      for (i = 0; i < strip; i++) sub(/^[^\/]*\/+/, "", path)
      if (path !~ /^\/|(^|\/)\.\.(\/|$)/ && !seen[path]++) print path
    }'
}

strip_of() {
  case $1 in
    '') echo 1 ;;
    -p[0-9]) echo "${1#-p}" ;;
    *) echo "the series asks for $1, which is not known: only -p0 to -p9 are" >&2; exit 1 ;;
  esac
}

present() { while read -r path; do [ ! -f "$1/$path" ] || printf '%s\n' "$path"; done; }

if [ "$KEEP" = tree ]; then
  tree=$OUT/tree
  cp -a --reflink=auto "$IN/source/tree" "$tree"
  chmod -R u+w "$tree"
else
  tree=$WORK/tree
  mkdir "$tree"
  while read -r name options; do
    [ ! -f "$patches/$name" ] || named "$patches/$name" "$(strip_of "$options")"
  done <"$WORK/series" | sort -u | present "$IN/source/tree" >"$WORK/wanted"
  tar -c -C "$IN/source/tree" -T "$WORK/wanted" | tar -x -C "$tree" --no-same-owner
  chmod -R u+w "$tree"
fi

# What `patch` said, as a line of JSON.
told() {
  awk -v name="$1" -v status="$2" -v number="$3" '
    function far(n) { return n < 0 ? -n : n }
    match($0, /with fuzz [0-9]+/) { n = substr($0, RSTART + 10, RLENGTH - 10) + 0; if (n > fuzz) fuzz = n }
    match($0, /offset -?[0-9]+/) { n = far(substr($0, RSTART + 7, RLENGTH - 7) + 0); if (n > offset) offset = n }
    /^Hunk #[0-9]+ FAILED/ { failed++ }
    END {
      gsub(/["\\]/, "\\\\&", name)
      printf "{\"number\":%d,\"patch\":\"%s\",\"status\":\"%s\",\"fuzz\":%d,\"offset\":%d,\"failedHunks\":%d}", number, name, status, fuzz, offset, failed
    }' "$4"
}

# The refused hunks of a patch, and what the tree holds in their place.
keep_rejects() {
  while read -r path; do
    [ -f "$tree/$path.rej" ] || continue
    mkdir -p "$1/${path%/*}"
    mv "$tree/$path.rej" "$1/$path.rej"
    sed -n 's/^@@ -\([0-9]*\).*/\1/p' "$1/$path.rej" | while read -r line; do
      from=$((line > 4 ? line - 4 : 1))
      [ ! -f "$tree/$path" ] || awk -v from="$from" -v to=$((line + 12)) 'NR >= from && NR <= to { print NR ": " $0 }' "$tree/$path"
    done >"$1/$path.there"
  done <"$WORK/touched"
}

# One patch, whole or not at all; leaves what happened in $outcome.
apply() {
  outcome=applied
  if [ ! -f "$1" ]; then
    outcome=missing
    : >"$WORK/said"
    return
  fi
  named "$1" "$2" >"$WORK/touched"
  present "$tree" <"$WORK/touched" >"$WORK/before"
  tar -cf "$WORK/before.tar" -C "$tree" -T "$WORK/before"
  # --force: a patch that is there already must fail, not be taken back.
  if patch -d "$tree" -p"$2" --force --fuzz="$FUZZ" --no-backup-if-mismatch --reject-format=unified <"$1" >"$WORK/said" 2>&1; then
    return
  fi
  outcome=failed
  keep_rejects "$3"
  while read -r path; do rm -f "$tree/$path"; done <"$WORK/touched"
  tar -xf "$WORK/before.tar" -C "$tree" --no-same-owner
  if patch -d "$tree" -p"$2" --force --fuzz=0 --reverse --dry-run <"$1" >/dev/null 2>&1; then
    outcome=already
    rm -rf "$3"
  fi
}

number=0 comma=
printf '[' >"$OUT/patches.json"
while read -r name options; do
  number=$((number + 1))
  strip=$(strip_of "$options")
  apply "$patches/$name" "$strip" "$OUT/rejects/$number" </dev/null
  printf '%s\n' "$comma$(told "$name" "$outcome" "$number" "$WORK/said")" >>"$OUT/patches.json"
  comma=,
  printf '%s: %s\n' "$outcome" "$name"
  [ "$outcome" = applied ] || cat "$WORK/said"
done <"$WORK/series"
printf ']\n' >>"$OUT/patches.json"
