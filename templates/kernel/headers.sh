# shellcheck shell=sh disable=SC2154
# What modules of others are built with, out of $tree and $build: $OUT/headers. Objects and what the build noted for itself stay.
headers=$OUT/headers

# Kernels differ in what they have.
files() {
  place=$1
  shift
  [ ! -e "$place" ] || find "$place" "$@"
}

mkdir "$headers"
(
  cd "$tree" || exit
  files . -maxdepth 1 \( -name 'Makefile*' -o -name Kbuild \) -type f
  files arch/x86 -maxdepth 1 -name 'Makefile*' -type f
  files . -maxdepth 1 -name 'Kconfig*' -type f
  files arch/x86 -name 'Kconfig*' -type f
  files include \( -type f -o -type l \)
  files scripts \( -type f -o -type l \)
  files arch/x86 -path '*/include/*' -type f
) | sed 's,^\./,,' | sort -u >"$WORK/from-tree"
(
  cd "$build" || exit
  for place in include scripts arch/x86/include; do
    files "$place" -type f ! -name '*.o' ! -name '*.a' ! -name '*.s' ! -name '*.cmd'
  done
  for place in .config Module.symvers tools/objtool/objtool tools/bpf/resolve_btfids/resolve_btfids; do
    files "$place" -type f
  done
) | sort -u >"$WORK/from-build"
tar -c -C "$tree" -T "$WORK/from-tree" | tar -x -C "$headers" --no-same-owner
tar -c -C "$build" -T "$WORK/from-build" | tar -x -C "$headers" --no-same-owner
# The build's own programs carry its paths in their debugging symbols.
for place in scripts tools; do files "$headers/$place" -type f -perm -100; done | while read -r program; do
  case $(head -c 4 "$program" | tr -d '\177\0') in ELF) strip --strip-debug "$program" ;; esac
done
