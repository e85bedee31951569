# Compiles a configured kernel; what it makes is described in engine/stages/kernel/output.ts.
set -eu
tree=$IN/source/tree build=$WORK/build
# Neither who builds, nor where, nor when, nor how often is to be seen in what is built.
option=-ffile-prefix-map
gcc "$option=a=b" -E -x c /dev/null >/dev/null 2>&1 || option=-fdebug-prefix-map # gcc before 8
# The last one that fits counts.
map="$option=$tree=. $option=$tree/= $option=$build=. $option=$build/="

kernel() {
  make -C "$tree" O="$build" LOCALVERSION= KCFLAGS="$map" KAFLAGS="$map" HOSTCFLAGS="$map" \
    KBUILD_BUILD_TIMESTAMP="$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %e %H:%M:%S UTC %Y')" \
    KBUILD_BUILD_USER=linerate KBUILD_BUILD_HOST=linerate KBUILD_BUILD_VERSION=1 "$@"
}

mkdir "$build"
cp "$IN/config/config" "$build/.config"
chmod u+w "$build/.config"
if grep -qsw olddefconfig "$tree/scripts/kconfig/Makefile"; then kernel olddefconfig; else yes '' | kernel oldconfig; fi
if ! diff -u "$IN/config/config" "$build/.config"; then
  echo 'the configuration did not stay as it was' >&2
  exit 1
fi
kernel -j"$JOBS" bzImage modules
release=$(kernel -s kernelrelease)

printf '%s\n' "$release" >"$OUT/version"
mkdir "$OUT/boot"
cp "$build/arch/x86/boot/bzImage" "$OUT/boot/vmlinuz-$release"
cp "$build/System.map" "$OUT/boot/System.map-$release"
cp "$build/.config" "$OUT/boot/config-$release"
# DEPMOD: what it would make belongs to the machine that the modules are installed on.
kernel -j"$JOBS" INSTALL_MOD_PATH="$OUT" INSTALL_MOD_STRIP=1 DEPMOD=: modules_install
rm -f "$OUT/lib/modules/$release/build" "$OUT/lib/modules/$release/source"

# shellcheck source=templates/kernel/headers.sh
. "$FILES/headers.sh"
chmod -R u+w,go-w "$OUT"
