/**
 * What the test machine is made of: Debian 12 with its own kernel, small enough to be built in half a minute and booted
 * without hardware help in twenty seconds. The image's cache key is the digest of this file and of the builders' code.
 */
export const RELEASE = 'bookworm';

export const PACKAGES = [
  'busybox-static',
  'ethtool',
  'grub-common',
  'grub-pc-bin',
  'grub2-common',
  'initramfs-tools',
  'iproute2',
  'kmod',
  'numactl',
  'openssh-server',
  'procps',
  'sudo',
  'systemd-sysv',
  'udev',
] as const;

/** tar patterns of the kernel package's members that these machines need. */
export const KERNEL_MEMBERS = [
  './boot/vmlinuz-*',
  './boot/config-*',
  '*/modules.builtin*',
  '*/modules.order',
  '*/kernel/drivers/virtio/*',
  '*/kernel/drivers/char/hw_random/*',
  '*/kernel/drivers/net/bonding/*',
  '*/virtio_blk.ko',
  '*/virtio_net.ko',
  '*/net_failover.ko',
  '*/vmxnet3/*',
  '*/e1000e/*',
  '*/igb/*',
  '*/kernel/drivers/vfio/*',
  '*/kernel/drivers/uio/*',
  '*/irqbypass.ko',
  '*/kernel/crypto/crc32c*',
  '*/kernel/crypto/*rng*',
  '*/kernel/fs/ext4/*',
  '*/kernel/fs/jbd2/*',
  '*/kernel/fs/mbcache.ko',
  '*/kernel/lib/*',
  '*/kernel/net/core/*',
  '*/kernel/net/8021q/*',
  '*/kernel/net/802/*',
  '*/kernel/net/netfilter/*',
  '*/kernel/net/ipv4/*',
  '*/kernel/net/ipv6/*',
  '*/kernel/net/sched/*',
] as const;

/** The initial file system loads these, and what they depend on, to reach the disk. */
export const BOOT_MODULES = ['virtio_pci', 'virtio_blk', 'ext4', 'crc32c_generic'] as const;

/** Of the root file system: fstab and GRUB name it. */
export const ROOT_UUID = '5a1f3c52-9b0e-4d6e-8f6b-3f1f0c9d7e21';

/** Units that only cost start-up time on a machine that lives for a minute. */
export const MASKED = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'getty-static.service',
  'getty@tty1.service',
  'serial-getty@ttyS0.service',
  'systemd-networkd-wait-online.service',
  'systemd-random-seed.service',
  'systemd-update-utmp.service',
] as const;

/** The e1000e carries SSH and the default route; the fast NICs are up and have no address. */
export const NICS = {
  management: '52:54:00:00:00:01',
  virtio: '52:54:00:00:00:02',
  vmxnet3: '52:54:00:00:00:03',
} as const;

export const ADDRESS = {machine: '192.0.2.2', host: '192.0.2.1', prefix: 24} as const;

/** Logs in with the same key as root, and may become root by sudo without a password. */
export const ORDINARY_USER = 'ops';

const networkUnit = (mac: string, lines: readonly string[]): string =>
  ['[Match]', `MACAddress=${mac}`, '[Network]', 'LinkLocalAddressing=no', 'IPv6AcceptRA=no', ...lines, ''].join('\n');

/** Files by path on the machine. */
export const FILES: Readonly<Record<string, string>> = {
  // As Debian's cloud images have it, whose two files here sort before what anybody adds.
  '/etc/default/grub.d/10_cloud.cfg': [
    // A slow emulator misses the timer's first tick behind a remapped I/O APIC, and the kernel panics (timer doesn't work).
    'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200 mitigations=off no_timer_check"',
    'GRUB_TERMINAL="console serial"',
    'GRUB_SERIAL_COMMAND="serial --speed=115200"',
    '',
  ].join('\n'),
  '/etc/default/grub.d/15_timeout.cfg': 'GRUB_TIMEOUT=0\n',
  '/etc/fstab': `UUID=${ROOT_UUID} / ext4 errors=remount-ro 0 1\n`,
  '/etc/hostname': 'machine\n',
  '/etc/hosts': '127.0.0.1 localhost machine\n',
  [`/etc/sudoers.d/${ORDINARY_USER}`]: `${ORDINARY_USER} ALL=(ALL) NOPASSWD: ALL\n`,
  '/etc/systemd/network/10-management.network': networkUnit(NICS.management, [
    `Address=${ADDRESS.machine}/${String(ADDRESS.prefix)}`,
    `Gateway=${ADDRESS.host}`,
  ]),
  '/etc/systemd/network/20-virtio.network': networkUnit(NICS.virtio, ['[Link]', 'ActivationPolicy=up']),
  '/etc/systemd/network/20-vmxnet3.network': networkUnit(NICS.vmxnet3, ['[Link]', 'ActivationPolicy=up']),
  '/etc/sysctl.d/60-lab.conf': '# set by the recipe\nnet.core.somaxconn = 8192\n',
};
