import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder, type CliAnswer} from '../../support/cli.ts';
import {buildKernelPackage} from '../../support/machines/kernel-package.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';

const folder = temporaryFolder();
const inventory = path.join(folder, 'machine.ini');
let machine: Machine;
let old: string;

const say = async (command: string): Promise<string> => (await machine.run(command)).stdout.trim();

test.before(async (t) => {
  t.timeout(1_800_000);
  machine = await bootMachine((line) => t.log(line), {disk: 'grub'});
  writeFileSync(inventory, `machine ansible_ssh_common_args='-F ${machine.sshConfigPath}'\n`);
  old = await say('uname -r');
});

test.after.always(async () => {
  await machine?.stop();
});

/** Debian's other builds of the same kernel sort behind it: GRUB starts them by itself once they are installed. */
const variant = (name: string): string => old.replace(/-amd64$/, `-${name}-amd64`);

// A busy machine without KVM boots for minutes.
const PATIENT = ['--confirm-timeout', '900'];

const apply = async (deb: string, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate(['apply', '-i', inventory, '--yes', ...PATIENT, '-r', 'kernel', '-p', `files=[${deb}]`, ...words]);

/** Bytes, modes and owners of all that a boot is made from. */
const snapshot = async (): Promise<string> =>
  say(String.raw`find /boot /etc -type f -exec sha256sum {} + | sort
    find /boot /etc -printf '%p %m %u:%g %l\n' | sort`);

const DEFAULT = 'cat /etc/default/grub.d/zz-linerate-kernel.cfg; grep "set default=.gnulinux" /boot/grub/grub.cfg';

test.serial(
  'a kernel that does not come up: the host is back on the old one by itself, and no byte differs',
  async (t) => {
    t.timeout(3_000_000);
    const release = variant('cloud');
    const deb = await buildKernelPackage(folder, release, {broken: true});
    const prepared = await apply(deb, '-t', 'keep,packages');
    t.is(prepared.status, 0, prepared.stdout + prepared.stderr);
    t.regex(await say(DEFAULT), new RegExp(`gnulinux-${old}-advanced-`), 'the one that runs stays the default');
    const before = await snapshot();
    const tried = await apply(deb, '--reboot');
    t.is(tried.status, 2, tried.stdout + tried.stderr);
    t.regex(tried.stdout + tried.stderr, new RegExp(`kernel ${release} was not kept: the trial boot did not come up`));
    t.regex(await machine.console(), /Kernel panic - not syncing[\s\S]*Rebooting in 30 seconds/);
    t.is(await say('uname -r'), old);
    t.is(await snapshot(), before);
  },
);

test.serial('a kernel that comes up is kept, and is the default after one more reboot', async (t) => {
  t.timeout(3_000_000);
  const release = variant('rt');
  const deb = await buildKernelPackage(folder, release);
  const applied = await apply(deb, '--reboot', '-p', 'arguments={linerate.test: 1}');
  t.is(applied.status, 0, applied.stdout + applied.stderr);
  t.is(await say('uname -r'), release);
  t.regex(await say(DEFAULT), new RegExp(`gnulinux-${release}-advanced-`));
  await machine.reboot();
  t.is(await say('uname -r; cat /proc/cmdline').then((text) => text.split('\n')[0]), release);
  t.regex(await say('cat /proc/cmdline'), / linerate\.test=1(?: |$)/);
  t.notRegex(await say('cat /proc/cmdline'), /linerate\.trial|panic=/);
  t.is(await say('ls /boot/grub | grep custom; grub-editenv list'), '');
  const again = await apply(deb, '--reboot', '-p', 'arguments={linerate.test: 1}');
  t.is(again.status, 0, again.stdout + again.stderr);
  t.regex(again.stdout, /changed=0/);
});

test.serial('rolled back while it runs: its package stays, and the old kernel boots next', async (t) => {
  t.timeout(3_000_000);
  const back = await linerate(['rollback', '-i', inventory, '--yes', ...PATIENT]);
  t.regex(back.stdout + back.stderr, /the kernel that runs stays/);
  t.regex(await say(DEFAULT), new RegExp(`gnulinux-${old}-advanced-`));
  await machine.reboot();
  t.is(await say('uname -r'), old);
  t.notRegex(await say('cat /proc/cmdline'), /linerate/);
});
