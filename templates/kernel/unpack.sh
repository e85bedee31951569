# A kernel's tree out of its source: $OUT/tree.
# $TREE: the tree's path in the archive, or empty where that holds nothing but one folder
set -eu
archives=$IN/source
for package in "$IN"/source/*.deb; do
  [ -e "$package" ] || continue
  # Debian's linux-source-V holds the tree as one archive more.
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$WORK" --wildcards './usr/src/*.tar.*'
  archives=$WORK/usr/src
done
depth=$(printf '%s\n' "${TREE:-.}" | awk -F / '{print NF}')
mkdir "$OUT/tree"
for archive in "$archives"/*.tar*; do
  [ -e "$archive" ] || { echo "the source holds no archive of a tree" >&2; exit 1; }
  tar -xf "$archive" -C "$OUT/tree" --no-same-owner --strip-components="$depth" ${TREE:+"$TREE"}
done
[ -e "$OUT/tree/Kconfig" ] || [ -e "$OUT/tree/arch/x86/Kconfig" ] || {
  echo "the source holds no kernel's tree${TREE:+ in $TREE}" >&2
  exit 1
}
