import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {createInterface} from 'node:readline';
import test from 'ava';
import type {TrialOutcome} from '../../../engine/effects/apply/trial.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';
import {tryArguments, type Trying} from './controller.ts';

let machine: Machine;

test.before(async (t) => {
  t.timeout(1_800_000);
  machine = await bootMachine((line) => t.log(line), {disk: 'grub'});
});

test.after.always(async () => {
  await machine?.stop();
});

const told = async (command: string): Promise<string> => (await machine.run(command)).stdout;

/** Bytes, modes and owners of all that a boot is made from. */
const snapshot = async (): Promise<string> =>
  told(String.raw`find /boot /etc -type f -exec sha256sum {} + | sort
    find /boot /etc -printf '%p %m %u:%g %l\n' | sort`);

const journal = async (id: string): Promise<string> =>
  told(`cd /var/lib/linerate/runs/${id}-1; head -n 1 state; grep ^undo log`);

const attempt = async (trying: Trying): Promise<TrialOutcome> => tryArguments(machine.target, trying);

const BACK = 'the host is back on its earlier boot';

test.serial('a kernel that panics: the host comes back by itself, and no byte differs', async (t) => {
  t.timeout(1_800_000);
  const before = await snapshot();
  const id = '20261120T100000Z-aaaaaa';
  // Without it the kernel looks for the root file system itself, and knows no UUIDs.
  const outcome = await attempt({id, wanted: {rdinit: '/nothing'}, deadline: 300});
  t.is(outcome.outcome, 'fell-back');
  t.is(await journal(id), `undone\nundo the trial boot did not come up; ${BACK}\n`);
  t.regex(await machine.console(), /Kernel panic - not syncing[\s\S]*Rebooting in 30 seconds/);
  t.is(await snapshot(), before);
});

test.serial('no root file system: Debian’s initramfs heeds panic= and comes back', async (t) => {
  t.timeout(1_800_000);
  const before = await snapshot();
  const id = '20261120T110000Z-bbbbbb';
  const outcome = await attempt({id, wanted: {root: '/dev/nothing'}, deadline: 300});
  t.is(outcome.outcome, 'fell-back');
  t.is(await journal(id), `undone\nundo the trial boot did not come up; ${BACK}\n`);
  t.is(await snapshot(), before);
});

test.serial('a boot that nobody can log in to: its deadline brings the earlier one back', async (t) => {
  t.timeout(1_800_000);
  const before = await snapshot();
  const id = '20261120T120000Z-cccccc';
  // Emergency mode mounts nothing, and starts nothing that sysinit.target wants.
  const outcome = await attempt({id, wanted: {'systemd.unit': 'emergency.target'}, deadline: 45});
  t.is(outcome.outcome, 'fell-back');
  t.regex(await journal(id), /^undone\nundo the trial boot /);
  t.is(await snapshot(), before);
});

test.serial('a boot that does not hold what was wanted is left at once', async (t) => {
  t.timeout(1_800_000);
  const before = await snapshot();
  const id = '20261120T130000Z-dddddd';
  const outcome = await attempt({id, wanted: {'linerate.test': '1'}, holds: {'linerate.test': '2'}, deadline: 600});
  t.like(outcome, {
    outcome: 'fell-back',
    reason: `boot linerate.test holds "1", not "2"; ${BACK}`,
    mismatches: [{id: 'boot linerate.test', want: '2', found: '1'}],
  });
  t.is(await snapshot(), before);
});

test.serial('the controller is killed while the host boots: it comes back by itself', async (t) => {
  t.timeout(1_800_000);
  const before = await snapshot();
  const since = await machine.bootId();
  const id = '20261120T140000Z-eeeeee';
  const trying: Trying = {id, wanted: {'linerate.test': '1'}, deadline: 60};
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'controller.ts'), machine.sshConfigPath, JSON.stringify(trying)],
    {stdio: ['ignore', 'pipe', 'inherit']},
  );
  for await (const line of createInterface({input: child.stdout})) if (line === 'rebooting') break;
  child.kill('SIGKILL');
  await once(child, 'close');
  let boot = since;
  for (let boots = 0; boots < 3; boots += 1) {
    boot = await machine.waitForReboot(boot, 600_000);
    if (!(await told('cat /proc/cmdline')).includes('linerate.trial')) break;
  }
  // On a busy machine the deadline comes before the boot can note that it is one.
  t.regex(await journal(id), new RegExp(`^undone\nundo the trial boot .*; ${BACK}\n$`));
  t.is(await snapshot(), before);
});

test.serial('good arguments are kept, live at once, and there after one more reboot', async (t) => {
  t.timeout(1_800_000);
  const id = '20261120T150000Z-ffffff';
  const wanted = {isolcpus: '3', default_hugepagesz: '2M'};
  const outcome = await attempt({id, wanted, deadline: 600});
  t.like(outcome, {outcome: 'kept', run: {outcome: 'confirmed'}});
  t.regex(await told('cat /sys/devices/system/cpu/isolated'), /^3\n$/);
  t.is(await told(`head -n 1 /var/lib/linerate/runs/${id}-1/state`), 'confirmed\n');
  t.is(await told('ls /etc/systemd/system /boot/grub | grep -e trial -e custom; grub-editenv list'), '');
  t.is(await told('cat /proc/sys/kernel/panic'), '0\n');
  await machine.reboot();
  t.is(await told('cat /sys/devices/system/cpu/isolated'), '3\n');
  t.notRegex(await told('cat /proc/cmdline'), /linerate|panic=/);
});
