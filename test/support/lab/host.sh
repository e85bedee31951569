#!/bin/sh
# Process 1 of one host: makes folders of its own, then becomes its sshd.
#   host.sh FOLDER NAME ADDRESS GATEWAY
set -eu
folder=$1 name=$2 address=$3 gateway=$4

# A root of its own: what a host writes anywhere is its alone. A root file system that was made from a container image
# has a mark by which every host here would be a container.
if [ -z "${LAB_ROOT:-}" ]; then
  mount -t tmpfs lab /mnt
  mkdir /mnt/upper /mnt/work /mnt/root
  mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
  rm -f /mnt/root/.dockerenv
  # An overlay has none of the file systems that are mounted below its lower folder, such as a /tmp of its own.
  here=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
  checkout=$(CDPATH='' cd -P -- "$here/../../.." && pwd)
  for directory in /proc /sys /dev /run "$folder" "$checkout"; do
    mkdir -p "/mnt/root$directory"
    mount --rbind "$directory" "/mnt/root$directory"
  done
  LAB_ROOT=1 exec chroot /mnt/root sh "$here/host.sh" "$@"
fi
unset LAB_ROOT

hostname "$name"
ip -batch - <<END
link set lo up
address add $address/24 dev eth0
link set eth0 up
route add default via $gateway
END

mount -t tmpfs -o mode=755 lab /run
mkdir -p /run/sshd /run/lab
cp "$folder/sshd_config" "$folder/prepare" "$folder/authorized_keys" /run/lab
chmod 644 /run/lab/authorized_keys
ssh-keygen -q -t ed25519 -N '' -C "$name" -f /run/lab/host_key
cp /run/lab/host_key.pub "$folder/host_key.pub"

# own DIRECTORY: what is written below it from now on is the host's alone.
own() {
  layer=/run/lab/layers$1
  mkdir -p "$layer/upper" "$layer/work"
  mount -t overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" overlay "$1"
}
own /etc
own /var/lib
# The checkout may lie below one of these.
here=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
checkout=$(CDPATH='' cd -P -- "$here/../../.." && pwd)
mkdir /run/lab/checkout
mount --rbind "$checkout" /run/lab/checkout
for directory in /tmp /var/tmp /home /root /var/log /var/lib/sudo; do
  [ ! -d "$directory" ] || mount -t tmpfs -o "mode=$(stat -c %a "$directory")" lab "$directory"
done
if [ ! -e "$checkout/package.json" ]; then
  mkdir -p "$checkout"
  mount --rbind /run/lab/checkout "$checkout"
fi
umount -l /run/lab/checkout
rmdir /run/lab/checkout
echo "$name" >/etc/hostname
printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" >/etc/hosts
rm -f /etc/motd /etc/nologin

# shellcheck disable=SC1091
. /run/lab/prepare
exec /usr/sbin/sshd -D -e -f /run/lab/sshd_config
