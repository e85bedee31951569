import test from 'ava';
import {type BootConfiguration, boot} from '../../../engine/facts/boot.ts';
import {grubDefault, grubEntry, grubMenu} from '../../../engine/facts/boot-grub.ts';
import {framesOf} from '../../support/host-frames.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree, treeFixture} from '../../support/text-tree.ts';

const read = (tree: string): BootConfiguration =>
  boot.parse(probeInNamespace([boot], {prepare: plantTree(tree), root: '/mnt'}));

test('Debian: the default entry of grub.cfg, and where its arguments come from', (t) => {
  t.deepEqual(read(treeFixture('boot-debian')), {
    commandLine: '',
    loader: 'grub',
    nextCommandLine: 'root=UUID=6a4f ro console=ttyS0,115200 isolcpus=2-15 quiet',
    linux: '/boot/vmlinuz-6.1.0-30-amd64 root=UUID=6a4f ro console=ttyS0,115200 isolcpus=2-15 quiet',
    configuredIn: ['/boot/grub/grub.cfg', '/etc/default/grub', '/etc/default/grub.d/50-isolation.cfg'],
    release: '6.1.0-30-amd64',
    entries: [
      {
        release: '6.1.0-30-amd64',
        name: 'gnulinux-advanced-6a4f>gnulinux-6.1.0-30-amd64-advanced-6a4f',
        at: '/boot/grub/grub.cfg',
        commandLine: 'root=UUID=6a4f ro advanced',
        linux: '/boot/vmlinuz-6.1.0-30-amd64 root=UUID=6a4f ro advanced',
      },
      {
        release: '6.1.0-29-amd64',
        name: 'gnulinux-advanced-6a4f>gnulinux-6.1.0-29-amd64-advanced-6a4f',
        at: '/boot/grub/grub.cfg',
        commandLine: 'root=UUID=6a4f ro older',
        linux: '/boot/vmlinuz-6.1.0-29-amd64 root=UUID=6a4f ro older',
      },
    ],
    sources: [
      {at: '/etc/default/grub:2', text: 'GRUB_DEFAULT=0'},
      {at: '/etc/default/grub:4', text: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"'},
      {at: '/etc/default/grub:5', text: 'GRUB_CMDLINE_LINUX=""'},
      {
        at: '/etc/default/grub.d/50-isolation.cfg:2',
        text: 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX console=ttyS0,115200 isolcpus=2-15"',
      },
    ],
  });
});

test('a saved entry inside a submenu, and variables that only GRUB fills', (t) => {
  const {loader, nextCommandLine} = read(treeFixture('boot-ubuntu-saved'));
  t.deepEqual([loader, nextCommandLine], ['grub', 'root=/dev/mapper/vg-root ro quiet pinned=yes']);
});

test('RHEL 8: a saved Boot Loader Specification entry with its options in grubenv', (t) => {
  const {loader, nextCommandLine, configuredIn} = read(treeFixture('boot-rhel8'));
  t.is(loader, 'bls');
  t.is(nextCommandLine, 'root=/dev/mapper/rhel-root ro crashkernel=auto resume=/dev/mapper/rhel-swap');
  t.deepEqual(configuredIn, [
    '/boot/loader/entries/0f7a-4.18.0-513.5.1.el8_9.x86_64.conf',
    '/etc/default/grub',
    '/etc/tuned/bootcmdline',
  ]);
});

test('Amazon Linux 2023: the newest entry by version order when none is saved', (t) => {
  const {loader, nextCommandLine, sources} = read(treeFixture('boot-amazon-linux-2023'));
  t.is(loader, 'bls');
  t.is(
    nextCommandLine,
    'root=UUID=77 ro console=tty0 console=ttyS0,115200n8 nvme_core.io_timeout=4294967295 rd.shell=0',
  );
  t.deepEqual(
    sources.map(({at}) => at),
    ['/etc/kernel/cmdline:1'],
  );
});

test('systemd-boot: the newest entry that the default pattern matches', (t) => {
  const {loader, nextCommandLine, configuredIn} = read(treeFixture('boot-systemd-boot'));
  t.deepEqual([loader, nextCommandLine], ['systemd-boot', 'root=PARTUUID=1 newest']);
  t.deepEqual(configuredIn, ['/efi/loader/entries/debian-6.1.0-30.conf']);
});

test('systemd-boot without a default: entries by sort key, newest first', (t) => {
  const tree = treeFixture('boot-systemd-boot').replace('default debian-*', '');
  t.is(read(tree).nextCommandLine, 'root=PARTUUID=1 arch');
});

test('OSTree: the deployment of the highest version', (t) => {
  const {loader, nextCommandLine} = read(treeFixture('boot-ostree'));
  t.is(loader, 'ostree');
  t.is(nextCommandLine, 'ignition.platform.id=metal ostree=/ostree/boot.1/fedora-coreos/aa/0');
});

test('what cannot be told says so', (t) => {
  const unified = read(treeFixture('boot-unified'));
  t.is(unified.loader, 'systemd-boot');
  t.deepEqual(unified.nextCommandLine, {
    unknown: 'it is built into the unified kernel image /boot/efi/EFI/Linux/linux-6.12.efi',
  });
  const none = read(treeFixture('boot-none'));
  t.deepEqual([none.loader, none.commandLine], ['none', 'console=ttyS0 quiet']);
  t.is(read('').loader, 'unknown');
});

test('files of GRUB that only root may read', (t) => {
  const debian = framesOf({
    lists: {boot: ['/boot/.', '/boot/grub', '/boot/grub/.', '/boot/grub/grub.cfg']},
    refused: {'/boot/grub/grub.cfg': 'Permission denied'},
  });
  t.like(boot.parse(debian), {
    loader: 'grub',
    nextCommandLine: {unknown: '/boot/grub/grub.cfg: Permission denied'},
    configuredIn: ['/boot/grub/grub.cfg'],
  });
  const redHat = framesOf({lists: {boot: ['/boot/.', '/boot/grub2', '/boot/loader']}});
  t.like(boot.parse(redHat), {loader: 'bls', nextCommandLine: {unknown: '/boot/grub2: Permission denied'}});
});

test('a password in grub.cfg never leaves the host', (t) => {
  const frames = probeInNamespace([boot], {prepare: plantTree(treeFixture('boot-debian')), root: '/mnt'});
  t.regex([...frames.files.values()].join('\n'), /menuentry 'Debian/);
  t.notRegex([...frames.files.values()].join('\n'), /HUSH|password/);
});

test('GRUB finds its default by number, title, id and through submenus', (t) => {
  const menu = grubMenu(treeFixture('boot-debian'));
  const chosen = (choice: string): string | undefined => grubEntry(menu, choice)?.commandLine;
  t.is(chosen('1>1'), 'root=UUID=6a4f ro older');
  t.is(chosen('gnulinux-advanced-6a4f>gnulinux-6.1.0-29-amd64-advanced-6a4f'), 'root=UUID=6a4f ro older');
  t.is(
    chosen('Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-29-amd64'),
    'root=UUID=6a4f ro older',
  );
  t.is(chosen('1'), 'root=UUID=6a4f ro advanced');
  t.is(grubEntry(menu, '2')?.names[1], 'uefi-firmware');
  t.is(grubEntry(menu, '7'), undefined);
});

test('an entry for the next boot alone goes before all others', (t) => {
  t.is(grubDefault('set default="0"', {next_entry: '1>1'}), '1>1');
  t.is(grubDefault('set default="2"', {saved_entry: '1'}), '2');
  t.is(grubDefault('   set default="${saved_entry}"', {}), '0');
  t.is(grubDefault('', {}), '0');
});
