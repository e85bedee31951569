import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import {kernel} from '../../../engine/resources/kernel.ts';
import {exampleFacts} from '../../support/facts.ts';

const EXAMPLE = exampleFacts();

const host = (boot: Partial<Facts['boot']>, id = 'debian', asked: Facts['asked'] = {}): Facts => ({
  ...EXAMPLE,
  asked,
  os: {...EXAMPLE.os, id, idLike: [], kernel: '6.1.0-28-amd64'},
  boot: {...EXAMPLE.boot, loader: 'grub', ...boot},
});

const DEFAULT = {release: '6.1.0-30-amd64', configuredIn: ['/boot/grub/grub.cfg'], sources: []};

test('the kernel that runs, the one that the boot loader starts, and who says so', (t) => {
  const facts = host(DEFAULT);
  t.deepEqual(kernel.live(facts, 'default'), {value: '6.1.0-28-amd64'});
  t.deepEqual(kernel.boot(facts, 'default'), {held: {value: '6.1.0-30-amd64'}, by: '/boot/grub/grub.cfg'});
  const source = {at: '/etc/default/grub:6', text: 'GRUB_DEFAULT="1>2"'};
  t.is(kernel.boot(host({...DEFAULT, sources: [source]}), 'default').by, '/etc/default/grub:6');
  t.deepEqual(kernel.boot(host({configuredIn: [], sources: []}), 'default'), {
    held: {unreadable: 'which kernel the boot loader starts could not be told'},
  });
});

test('a kernel that is installed later waits where the default has a name', (t) => {
  t.deepEqual(kernel.live(host(DEFAULT), 'updates'), {value: 'boot'});
  t.deepEqual(kernel.live(host({...DEFAULT, named: true}), 'updates'), {value: 'wait'});
});

test('Red Hat: what the packages’ scripts read', (t) => {
  const of = (text: string): unknown => kernel.live(host(DEFAULT, 'rocky', {'kernel updates': text}), 'updates');
  const rocky = host(DEFAULT, 'rhel', {'kernel updates': 'yes'});
  t.deepEqual(kernel.live(rocky, 'updates'), {value: 'boot'});
  t.deepEqual(kernel.live(host(DEFAULT, 'rhel', {'kernel updates': '"yes"'}), 'updates'), {value: 'boot'});
  t.deepEqual(kernel.live(host(DEFAULT, 'rhel', {'kernel updates': 'no'}), 'updates'), {value: 'wait'});
  t.deepEqual(kernel.live(host(DEFAULT, 'rhel', {'kernel updates': ''}), 'updates'), {value: 'wait'});
  t.is(of('yes'), 'unsupported', 'a family that says nothing of itself is not guessed');
});

test('other boot loaders are not ours to choose for', (t) => {
  t.is(kernel.live(host({loader: 'extlinux'}), 'default'), 'unsupported');
  t.is(kernel.live(host(DEFAULT, 'opensuse-leap'), 'updates'), 'unsupported');
});

test('a running kernel is made the default and back at once; another one takes a reboot', (t) => {
  t.is(kernel.undo(host(DEFAULT), 'default', '6.1.0-28-amd64'), 'exact');
  t.is(kernel.undo(host(DEFAULT), 'default', '6.1.0-30-amd64'), 'reboot');
});

test('a kernel without a signature is refused where only signed ones start', (t) => {
  const asked = (text: string, secureBoot: Facts['platform']['secureBoot'] = true): string | undefined => {
    const facts = host(DEFAULT, 'debian', {'kernel default': text});
    const platform = {...facts.platform, secureBoot};
    return kernel.fixed?.({...facts, platform}, 'default', '6.1.176-rt');
  };
  const refused =
    'this host boots by Secure Boot, and /boot/vmlinuz-6.1.176-rt carries no signature: it would not start';
  t.is(asked('         0\n'), refused);
  t.is(asked('      1496\n'), undefined);
  t.is(asked(''), undefined, 'it is not there yet');
  t.is(asked('0', false), undefined);
});

test('whether an EFI program is signed is read out of its own header', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'linerate-pe-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  // One of every size of certificate table, the PE header somewhere behind the DOS one.
  const image = (signature: number): string => {
    const bytes = Buffer.alloc(512);
    bytes.writeUInt32LE(0x98, 60);
    bytes.writeUInt32LE(signature, 0x98 + 172);
    const file = path.join(folder, `vmlinuz-${String(signature)}`);
    writeFileSync(file, bytes);
    return file;
  };
  const read = (file: string): string => {
    const text = (kernel.reads?.('default', 'X') ?? '').replace('/boot/vmlinuz-X', file);
    return execFileSync('sh', ['-c', `say() { printf '%s' "$2"; }; ${text}`], {encoding: 'utf8'}).trim();
  };
  t.is(read(image(0)), '0');
  t.is(read(image(1496)), '1496');
  t.is(read(path.join(folder, 'none')), '');
});

test('addresses and values', (t) => {
  t.deepEqual(
    ['default', 'updates', 'x'].map((rest) => kernel.knows(rest)),
    [true, true, false],
  );
  t.is(kernel.problem?.('default', '6.1.0-30-amd64'), undefined);
  t.is(kernel.problem?.('default', '$(reboot)'), 'is no kernel release such as 6.1.0-30-amd64');
  t.is(kernel.problem?.('updates', 'boot'), 'can only be made to wait');
});
