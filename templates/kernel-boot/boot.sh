# Boots the kernel of $IN/kernel in QEMU with an initial file system of busybox and the kernel's own modules, once for each
# firmware of $FIRMWARE, and leaves in $OUT a console and what the kernel said of itself for each.
set -eu
version=$(cat "$IN/kernel/version")
kernel=$IN/kernel/boot/vmlinuz-$version
tree=$WORK/initial
qemu='qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot'

busybox_with_libraries() {
  mkdir -p "$tree/bin"
  busybox=$(command -v busybox)
  cp "$busybox" "$tree/bin/busybox"
  ldd "$busybox" 2>/dev/null | grep -o '/[^ )]*' | while read -r library; do
    mkdir -p "$tree$(dirname "$library")"
    cp -L "$library" "$tree$library"
  done
}

# Those that the kernel has built in need no file; those it does not know are told by modprobe inside.
modules_with_what_they_need() {
  mkdir -p "$WORK/all/lib/modules" "$tree/lib/modules/$version"
  cp -r "$IN/kernel/lib/modules/$version" "$WORK/all/lib/modules/"
  chmod -R u+w "$WORK/all"
  depmod --basedir "$WORK/all" "$version"
  cp "$WORK/all/lib/modules/$version"/modules.* "$tree/lib/modules/$version/"
  for module in $MODULES; do
    echo "$module"
    modprobe --set-version "$version" --dirname "$WORK/all" --show-depends "$module" 2>/dev/null |
      sed -n 's/^insmod \([^ ]*\).*/\1/p' >>"$WORK/needed" || :
  done >"$tree/modules"
  [ ! -s "$WORK/needed" ] || sort -u "$WORK/needed" | while read -r file; do
    inside=/lib/modules/$version/${file#*"/lib/modules/$version/"}
    mkdir -p "$tree$(dirname "$inside")"
    cp "$file" "$tree$inside"
  done
}

ext4_disk() {
  mkdir -p "$WORK/disk"
  echo readable >"$WORK/disk/proof"
  mkfs.ext4 -q -d "$WORK/disk" "$WORK/disk.ext4" 16M
}

# /dev/kvm may be there and still hang every guest: a kernel without a root panics at once where it works.
accelerator() {
  if [ -w /dev/kvm ] && timeout -s KILL 6 $qemu -accel kvm -m 256 -kernel "$kernel" -append panic=-1 >/dev/null 2>&1; then
    echo kvm
  else
    echo tcg,thread=multi
  fi
}

# One of each NIC model of this QEMU; the last digit of its address is that of its network.
nics() {
  number=0
  models=$($qemu -device help)
  for model in virtio-net-pci e1000e igb vmxnet3; do
    case $models in *"\"$model\""*) ;; *) echo "${model%-pci}" >>"$OUT/absent" && continue ;; esac
    number=$((number + 1))
    printf ' -netdev user,id=n%s,net=10.0.1%s.0/24 -device %s,netdev=n%s,mac=52:54:00:00:00:0%s' \
      $number $number $model $number $number
  done
}

firmware_options() {
  [ "$1" = uefi ] || return 0
  cp /usr/share/OVMF/OVMF_VARS_4M.fd "$WORK/variables"
  printf ' -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd'
  printf ' -drive if=pflash,format=raw,file=%s' "$WORK/variables"
}

busybox_with_libraries
touch "$OUT/absent"
grep '^CONFIG_' "$IN/kernel/boot/config-$version" | LC_ALL=C sort | sha256sum | cut -d' ' -f1 >"$OUT/config-digest"
cp "$IN/kernel/version" "$OUT/release"
modules_with_what_they_need
cp "$FILES/init.sh" "$tree/init"
chmod 755 "$tree/init"
(cd "$tree" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$WORK/initial.cpio"
ext4_disk
accelerated=$(accelerator)
nics=$(nics)

for firmware in $FIRMWARE; do
  echo "boots by $firmware under $accelerated"
  options="$(firmware_options "$firmware") $nics"
  status=0
  # shellcheck disable=SC2086 # words of our own
  timeout -s KILL 400 $qemu -machine q35 -cpu Nehalem -m 768 -smp 2 -accel "$accelerated" $options \
    -kernel "$kernel" -initrd "$WORK/initial.cpio" \
    -append 'console=ttyS0 quiet panic=-1 no_timer_check rdinit=/init' \
    -drive "file=$WORK/disk.ext4,format=raw,if=none,id=d1,snapshot=on" -device virtio-blk-pci,drive=d1 \
    -drive "file=$WORK/disk.ext4,format=raw,if=none,id=d2,snapshot=on" -device nvme,drive=d2,serial=proof \
    -serial "file:$OUT/console-$firmware" || status=$?
  tr -d '\r' <"$OUT/console-$firmware" | sed -n 's/^proof //p' >"$OUT/said-$firmware"
  cat "$OUT/console-$firmware"
  [ "$status" = 0 ] || {
    echo "QEMU ended with status $status (137: it was ended after 400 s)"
    exit 1
  }
done
