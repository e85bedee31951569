# A kernel's full configuration out of a base and fragments: $OUT/config.
# $BASE: a target of make, or the path of a file in $FILES
# $FRAGMENTS: paths in $FILES, one a line, the last one wins
set -eu
configure() { make -s -C "$IN/source/tree" O="$WORK/build" LOCALVERSION= KCONFIG_NOTIMESTAMP=1 "$@"; }

# Kernels before 3.7 know no olddefconfig: there an empty answer to a question is its default.
settle() {
  if grep -qsw olddefconfig "$IN/source/tree/scripts/kconfig/Makefile"; then
    configure olddefconfig
  else
    yes '' | configure oldconfig
  fi
}

mkdir "$WORK/build"
printf '%s\n' "$FRAGMENTS" | while read -r fragment; do
  cat "$FILES/$fragment"
  echo
done >"$WORK/fragments"
case $BASE in
  allnoconfig | allmodconfig | alldefconfig)
    # These make every option that nobody names the same; the fragments are what somebody names.
    configure KCONFIG_ALLCONFIG="$WORK/fragments" "$BASE"
    ;;
  *)
    if [ -f "$FILES/$BASE" ]; then cp "$FILES/$BASE" "$WORK/build/.config"; else configure "$BASE"; fi
    cat "$WORK/fragments" >>"$WORK/build/.config"
    ;;
esac
settle
cp "$WORK/build/.config" "$OUT/config"
