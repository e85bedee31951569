#!/bin/busybox sh
# The first process of a kernel under proof: says on the serial console what it finds, a line `proof KEY WORDS` each, and
# ends the machine. The kernel's own messages lie between these lines; whoever reads them takes only what begins so.

export PATH=/bin
busybox mkdir -p /proc /sys /dev /tmp /mnt
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs devtmpfs /dev 2>/dev/null
exec >/dev/console 2>&1 </dev/null
busybox --install -s /bin

say() { printf 'proof %s\n' "$*"; }

# A kernel that talks in the middle of a line would break it.
echo 1 >/proc/sys/kernel/printk
echo

say release "$(uname -r)"
say version "$(uname -v)"
say init-seconds "$(cut -d' ' -f1 /proc/uptime)"
say cpus "$(grep -c '^processor' /proc/cpuinfo)"
say memory-nodes "$(ls -d /sys/devices/system/node/node* 2>/dev/null | wc -l)"
[ -d /sys/firmware/efi ] && say firmware uefi || say firmware bios
say realtime "$(cat /sys/kernel/realtime 2>/dev/null || echo 0)"
say btf "$([ -e /sys/kernel/btf/vmlinux ] && echo yes || echo no)"
if [ -e /proc/config.gz ]; then say config "$(zcat /proc/config.gz | grep '^CONFIG_' | sort | sha256sum | cut -d' ' -f1)"; else say config none; fi

while read -r module; do
  modprobe "$module" 2>/tmp/why && say module "$module" || say module-failed "$module" "$(head -1 /tmp/why)"
done </modules

for device in /sys/class/net/*/device/driver; do
  [ -e "$device" ] || continue
  nic=${device#/sys/class/net/}
  nic=${nic%%/*}
  # virtio-net's own device is the virtio one; the others' is the PCI function.
  driver=$(readlink "$device")
  driver=${driver##*/}
  # 52:54:00:00:00:0N stands on network 10.0.1N.0/24, whose host answers at .2.
  number=$(cut -d: -f6 "/sys/class/net/$nic/address")
  number=$((0x$number))
  ip link set "$nic" up
  ip address add "10.0.1$number.15/24" dev "$nic"
  answer=silent
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    ping -c 1 -W 1 -I "$nic" "10.0.1$number.2" >/dev/null 2>&1 && answer=answers && break
    sleep 0.5
  done
  say nic "$driver" "$answer" "$(ls "/sys/class/net/$nic/queues" | grep -c '^rx-')"
done

for disk in /sys/class/block/*/device; do
  disk=${disk%/device}
  disk=${disk##*/}
  mount -t ext4 -o ro "/dev/$disk" /mnt 2>/tmp/why &&
    say disk "${disk%%[0-9]*}" "$(cat /mnt/proof 2>/dev/null || echo unreadable)" ||
    say disk "${disk%%[0-9]*}" unmountable "$(head -1 /tmp/why)"
  umount /mnt 2>/dev/null
done

# What the kernel itself calls a fault of its own.
dmesg | grep -E 'WARNING: |BUG: |Oops|Call Trace|Unknown symbol|disagrees about version' | head -5 | while read -r line; do
  say complaint "$line"
done
say end
sync
reboot -f
