import test from 'ava';
import {boot, type BootConfiguration} from '../../../engine/facts/boot.ts';
import {releaseOf} from '../../../engine/facts/boot-kernels.ts';
import {isNamed} from '../../../engine/facts/boot-next.ts';
import {framesOf} from '../../support/host-frames.ts';

const CONFIG = '/boot/grub/grub.cfg';

const entry = (title: string, id: string, line: string): string =>
  `menuentry '${title}' --class os $menuentry_id_option '${id}' {\n\tlinux\t${line}\n}\n`;

const linux = (release: string, words: string): string => `/boot/vmlinuz-${release} root=UUID=6a4f ro ${words}`;

// Two kernels as Debian's 10_linux writes them, with the recovery mode.
const MENU = [
  entry('Debian GNU/Linux', 'gnulinux-simple-6a4f', linux('6.1.0-30-amd64', 'quiet')),
  "submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-6a4f' {\n",
  ...['6.1.0-30-amd64', '6.1.0-28-amd64'].flatMap((release) => [
    entry(`with Linux ${release}`, `gnulinux-${release}-advanced-6a4f`, linux(release, 'quiet')),
    entry(`with Linux ${release} (recovery mode)`, `gnulinux-${release}-recovery-6a4f`, linux(release, 'single')),
  ]),
  '}\n',
].join('');

const grub = (choice: string, menu = MENU): BootConfiguration =>
  boot.parse(framesOf({lists: {boot: [CONFIG]}, files: {[CONFIG]: `set default="${choice}"\n${menu}`}}));

const NAME = 'gnulinux-advanced-6a4f>gnulinux-6.1.0-28-amd64-advanced-6a4f';

test('GRUB: each kernel once, by ids through the submenu, and never in the recovery mode', (t) => {
  t.deepEqual(
    grub('0').entries?.map(({release, name, commandLine}) => [release, name, commandLine]),
    [
      ['6.1.0-30-amd64', NAME.replace('28', '30'), 'root=UUID=6a4f ro quiet'],
      ['6.1.0-28-amd64', NAME, 'root=UUID=6a4f ro quiet'],
    ],
  );
});

test('GRUB without submenus (GRUB_DISABLE_SUBMENU)', (t) => {
  const flat = entry('with 6.1.0-28-amd64', 'gnulinux-6.1.0-28-amd64-advanced-6a4f', linux('6.1.0-28-amd64', 'quiet'));
  t.is(grub('0', flat).entries?.[0]?.name, 'gnulinux-6.1.0-28-amd64-advanced-6a4f');
});

test('a default by place, or by the name of whichever is newest, gives way to what is installed later', (t) => {
  const look = (choice: string): unknown => {
    const {release, named} = grub(choice);
    return [release, named];
  };
  t.deepEqual(look('0'), ['6.1.0-30-amd64', undefined]);
  t.deepEqual(look('1>2'), ['6.1.0-28-amd64', undefined]);
  t.deepEqual(look('gnulinux-simple-6a4f'), ['6.1.0-30-amd64', undefined]);
  t.deepEqual(look(NAME), ['6.1.0-28-amd64', true]);
  t.deepEqual(look('Advanced options>with Linux 6.1.0-28-amd64'), ['6.1.0-28-amd64', true]);
  t.deepEqual(
    look(NAME.replace('28', '27')),
    ['6.1.0-30-amd64', undefined],
    'GRUB starts its first where there is none',
  );
});

test('names that would end a quotation in grub.cfg are none to choose', (t) => {
  t.is(grub('0', MENU.replaceAll('advanced-6a4f', 'advanced-$(x)')).entries, undefined);
});

test('releases by their images’ names, of Debian, of Red Hat and of kernel-install', (t) => {
  t.is(releaseOf('/boot/vmlinuz-6.1.0-30-amd64'), '6.1.0-30-amd64');
  t.is(releaseOf('/vmlinuz-5.14.0-362.el9.x86_64'), '5.14.0-362.el9.x86_64');
  t.is(releaseOf('/0f7a/6.1.0-30-amd64/linux'), '6.1.0-30-amd64');
  t.is(releaseOf('/vmlinuz'), undefined);
  t.is(releaseOf('/EFI/Linux/arch.efi'), undefined);
});

test('a pattern names no kernel', (t) => {
  t.true(isNamed('0f7a-6.1.0-30-amd64.conf', '6.1.0-30-amd64'));
  t.false(isNamed('0f7a-6.1.0-30-amd64*', '6.1.0-30-amd64'));
  t.false(isNamed('arch.conf', '6.1.0-30-amd64'));
  t.false(isNamed('arch.conf', undefined));
});

const ENTRIES = '/boot/loader/entries';

test('entries of the Boot Loader Specification: by their files’ names, without the trial’s own', (t) => {
  const file = (release: string): string =>
    `version ${release}\nlinux /vmlinuz-${release}\noptions root=/dev/sda1 $tuned_params`;
  const files = {
    '/boot/grub2/grub.cfg': 'set default="${saved_entry}"\nset tuned_params="skew_tick=1"\nblscfg',
    '/boot/grub2/grubenv': 'saved_entry=0f7a-5.14.0-1.el9.x86_64',
    [`${ENTRIES}/0f7a-5.14.0-1.el9.x86_64.conf`]: file('5.14.0-1.el9.x86_64'),
    [`${ENTRIES}/0f7a-5.14.0-2.el9.x86_64.conf`]: file('5.14.0-2.el9.x86_64'),
    [`${ENTRIES}/A-linerate-trial.conf`]: file('5.14.0-2.el9.x86_64'),
  };
  const found = boot.parse(framesOf({lists: {boot: Object.keys(files)}, files}));
  t.is(found.release, '5.14.0-1.el9.x86_64');
  t.true(found.named);
  t.deepEqual(
    found.entries?.map(({name, commandLine}) => [name, commandLine]),
    [
      ['0f7a-5.14.0-1.el9.x86_64', 'root=/dev/sda1 skew_tick=1'],
      ['0f7a-5.14.0-2.el9.x86_64', 'root=/dev/sda1 skew_tick=1'],
    ],
  );
});
