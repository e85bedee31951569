import test from 'ava';
import {type BootConfiguration, boot} from '../../../engine/facts/boot.ts';
import {nextArgument} from '../../../engine/resources/kernel-arguments.ts';
import {exampleFacts} from '../../support/facts.ts';
import {framesOf} from '../../support/host-frames.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree} from '../../support/text-tree.ts';

const read = (tree: string): BootConfiguration =>
  boot.parse(probeInNamespace([boot], {prepare: plantTree(tree), root: '/mnt'}));

// As Debian's u-boot-menu writes it.
const U_BOOT = `==> /boot/extlinux/extlinux.conf
## /boot/extlinux/extlinux.conf
## IMPORTANT WARNING

default l0
menu title U-Boot menu
prompt 0
timeout 50

label l0
	menu label Debian GNU/Linux 12 (bookworm) 6.1.0-30-arm64
	linux /vmlinuz-6.1.0-30-arm64
	initrd /initrd.img-6.1.0-30-arm64
	fdtdir /usr/lib/linux-image-6.1.0-30-arm64/
	append root=/dev/mmcblk0p2 rootwait quiet isolcpus=2-3

label l0r
	linux /vmlinuz-6.1.0-30-arm64
	append root=/dev/mmcblk0p2 rootwait single
==> /etc/default/u-boot
#U_BOOT_PARAMETERS="ro"
U_BOOT_PARAMETERS="rootwait quiet isolcpus=2-3"
`;

test('U-Boot’s extlinux.conf: the default label, and where its arguments come from', (t) => {
  const found = read(U_BOOT);
  t.deepEqual(found, {
    commandLine: '',
    loader: 'extlinux',
    nextCommandLine: 'root=/dev/mmcblk0p2 rootwait quiet isolcpus=2-3',
    configuredIn: ['/boot/extlinux/extlinux.conf', '/etc/default/u-boot'],
    sources: [{at: '/etc/default/u-boot:2', text: 'U_BOOT_PARAMETERS="rootwait quiet isolcpus=2-3"'}],
  });
  t.deepEqual(nextArgument(exampleFacts({boot: found}), 'isolcpus'), {value: '2-3', by: '/etc/default/u-boot:2'});
  t.is(read(U_BOOT.replace('default l0', '')).nextCommandLine, found.nextCommandLine, 'else the first');
});

// As Alpine's update-extlinux writes it.
const ALPINE = `==> /boot/extlinux.conf
DEFAULT menu.c32
PROMPT 0
MENU TITLE Alpine/Linux Boot Menu
MENU MASTER PASSWD HUSH
TIMEOUT 10
APPEND root=UUID=1 common
LABEL lts
  MENU LABEL Linux lts
  LINUX vmlinuz-lts
  APPEND root=UUID=1 modules=sd-mod,ext4 quiet
LABEL virt
  MENU DEFAULT
  LINUX vmlinuz-virt
`;

test('SYSLINUX: the label that is marked when a menu program is the default; arguments for all labels; no password', (t) => {
  const frames = probeInNamespace([boot], {prepare: plantTree(ALPINE), root: '/mnt'});
  t.notRegex(JSON.stringify([...frames.files]), /HUSH/);
  t.is(boot.parse(frames).nextCommandLine, 'root=UUID=1 common');
  t.is(read(ALPINE.replace('  MENU DEFAULT\n', '')).nextCommandLine, 'root=UUID=1 modules=sd-mod,ext4 quiet');
  t.deepEqual(read('==> /boot/extlinux.conf\nTIMEOUT 10\n').nextCommandLine, {
    unknown: '/boot/extlinux.conf has no label',
  });
  const closed = framesOf({lists: {extlinux: ['/boot/extlinux.conf']}, refused: {'/boot/extlinux.conf': 'denied'}});
  t.deepEqual(boot.parse(closed).nextCommandLine, {unknown: '/boot/extlinux.conf: denied'});
});

const entry = (name: string, options: string, more = ''): string =>
  `==> /efi/loader/entries/${name}.conf\ntitle x\n${more}options ${options}\n`;

const ENTRIES = entry('arch', 'a', 'sort-key arch\n') + entry('debian-6.1', 'b') + entry('debian-6.0+0-3', 'c');

/** What systemd-boot would start with these firmware variables, on a host with these files. */
const chosen = (variables: Readonly<Record<string, string>>, tree = ENTRIES): BootConfiguration => {
  const frames = probeInNamespace([boot], {prepare: plantTree(tree), root: '/mnt'});
  const runs = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`boot-variable ${name}`, {status: 0, output: value}]),
  );
  return boot.parse({...frames, runs: new Map(Object.entries(runs))});
};

test('systemd-boot: for one boot, then chosen in the menu, then loader.conf, then the order of the menu', (t) => {
  const next = (variables: Readonly<Record<string, string>>, tree?: string): unknown =>
    chosen(variables, tree).nextCommandLine;
  t.is(next({}), 'a');
  t.is(next({LoaderEntryDefault: 'debian-6.1.conf'}), 'b');
  t.is(next({LoaderEntryDefault: 'debian-6.1.conf', LoaderEntryOneShot: 'debian-6.0.conf'}), 'c');
  t.is(next({LoaderEntryDefault: '@saved', LoaderEntryLastBooted: 'debian-6.1.conf'}), 'b');
  t.is(next({LoaderEntryDefault: 'gone.conf'}), 'a');
  t.is(next({LoaderEntryDefault: 'DEBIAN-*'}), 'b', 'not the one whose tries have run out');
  const configured = `${ENTRIES}==> /efi/loader/loader.conf\ndefault debian-6.1*\n`;
  t.is(next({}, configured), 'b');
  t.is(next({LoaderEntryDefault: 'arch.conf'}, configured), 'a');
});

test('what GRUB left in /boot does not count where systemd-boot started the machine', (t) => {
  const tree = `${ENTRIES}==> /boot/grub/grub.cfg\nmenuentry 'x' {\n  linux /vmlinuz root=/dev/sda1\n}\n`;
  t.like(chosen({}, tree), {loader: 'grub', nextCommandLine: 'root=/dev/sda1'});
  t.like(chosen({LoaderInfo: 'systemd-boot 252.33-1~deb12u1'}, tree), {loader: 'systemd-boot', nextCommandLine: 'a'});
  t.like(chosen({LoaderInfo: 'GRUB 2.12'}, tree), {loader: 'grub'});
});

test('a unified kernel image keeps its arguments inside; one that is not started matters not', (t) => {
  const image = '==> /efi/EFI/Linux/linux-6.12.efi\nMZ\n';
  const built = {unknown: 'it is built into the unified kernel image /efi/EFI/Linux/linux-6.12.efi'};
  t.deepEqual(chosen({}, image).nextCommandLine, built);
  t.deepEqual(chosen({LoaderEntryDefault: 'linux-6.12.efi'}, ENTRIES + image).nextCommandLine, built);
  t.is(chosen({LoaderEntryDefault: 'arch.conf'}, ENTRIES + image).nextCommandLine, 'a');
  t.deepEqual(chosen({}, ENTRIES + image).nextCommandLine, {
    unknown: 'no entry is chosen, and where /efi/EFI/Linux/linux-6.12.efi stands in the menu is built into that image',
  });
});

test('firmware variables are read as text: four bytes of attributes, then UTF-16', (t) => {
  const folder = '/sys/firmware/efi/efivars';
  const variable = (name: string, text: string): string =>
    `printf '\\006\\000\\000\\000${Array.from(text, (letter) => `${letter}\\000`).join('')}\\000\\000' >${folder}/${name}-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f`;
  const prepare = `mount -t tmpfs none /sys/firmware; mkdir -p ${folder}
${variable('LoaderInfo', 'systemd-boot 252')}
${variable('LoaderEntryDefault', 'debian-6.1.conf')}`;
  for (const shell of ['sh', 'bash --posix', 'busybox sh']) {
    const {runs} = probeInNamespace([boot], {prepare, shell});
    t.deepEqual(runs.get('boot-variable LoaderInfo'), {status: 0, output: 'systemd-boot 252'});
    t.deepEqual(runs.get('boot-variable LoaderEntryDefault'), {status: 0, output: 'debian-6.1.conf'});
    t.false(runs.has('boot-variable LoaderEntryOneShot'));
  }
});
