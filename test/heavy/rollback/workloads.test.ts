import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder} from '../../support/cli.ts';
import {differences} from '../../support/guarded-runs.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';
import {machineState} from '../../support/machines/state.ts';

const folder = temporaryFolder();
const inventory = path.join(folder, 'machine.ini');
let machine: Machine;
let untouched: readonly string[];

test.before(async (t) => {
  t.timeout(1_800_000);
  machine = await bootMachine((line) => t.log(line));
  writeFileSync(inventory, `machine ansible_ssh_common_args='-F ${machine.sshConfigPath}'\n`);
  await machine.run('systemctl is-system-running --wait');
  untouched = await machineState(machine);
});

test.after.always(async () => {
  await machine?.stop();
});

test.serial('a machine that nobody touches stays as it is, but for the keys that are known to change', async (t) => {
  t.deepEqual(differences(untouched.join('\n'), (await machineState(machine)).join('\n')), []);
});

// The first of those that come one after another is provisioned on the untouched machine too.
for (const workload of ['latency', 'connections', 'forwarding', 'balanced'])
  test.serial(`${workload}: provisioned and rolled back, the machine is as it was`, async (t) => {
    t.timeout(1_200_000);
    const applied = await linerate(['apply', '-i', inventory, '-w', workload, '--yes']);
    t.is(applied.status, 0, applied.stderr);
    t.notDeepEqual(await machineState(machine), untouched);
    const {status, stderr} = await linerate(['rollback', '-i', inventory, '--yes']);
    t.is(status, 0, stderr);
    t.deepEqual(differences(untouched.join('\n'), (await machineState(machine)).join('\n')), []);
  });

test.serial('one workload after another, and taken back in turn: each step back is exact', async (t) => {
  t.timeout(2_400_000);
  const states = [untouched];
  const ids: string[] = [];
  for (const workload of ['throughput', 'connections', 'latency']) {
    const applied = await linerate(['apply', '-i', inventory, '-w', workload, '--yes']);
    t.is(applied.status, 0, applied.stderr);
    ids.push((await machine.run('ls /var/lib/linerate/runs | tail -n 1')).stdout.trim());
    states.push(await machineState(machine));
  }
  for (const [place, id] of [...ids.entries()].toReversed()) {
    const {status, stderr} = await linerate(['rollback', '-i', inventory, '--yes', '--run', id]);
    t.is(status, 0, stderr);
    t.deepEqual(differences((states[place] ?? []).join('\n'), (await machineState(machine)).join('\n')), []);
  }
});
