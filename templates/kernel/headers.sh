# shellcheck shell=sh disable=SC2154
# What modules of others are built with, out of $tree and $build: $OUT/headers. Objects and what the build noted for itself stay.
headers=$OUT/headers
mkdir "$headers"
(
  cd "$tree" || exit
  find . arch/x86 -maxdepth 1 -name 'Makefile*' -type f
  find . arch/x86 scripts include -name 'Kconfig*' -type f
  find include scripts \( -type f -o -type l \)
  find arch/x86 -path '*/include/*' -type f
  find arch/x86 tools/objtool \( -name 'Kbuild.platforms' -o -name 'Platform' \) -type f
  find Kbuild -type f
) | sed 's,^\./,,' | sort -u >"$WORK/from-tree"
(
  cd "$build" || exit
  find arch/x86/include include scripts -type f ! -name '*.o' ! -name '.*.cmd' ! -name '*.cmd' ! -name '*.a'
  find .config Module.symvers tools/objtool/objtool tools/bpf/resolve_btfids/resolve_btfids -type f 2>/dev/null || :
) | sort -u >"$WORK/from-build"
tar -c -C "$tree" -T "$WORK/from-tree" | tar -x -C "$headers" --no-same-owner
tar -c -C "$build" -T "$WORK/from-build" | tar -x -C "$headers" --no-same-owner
