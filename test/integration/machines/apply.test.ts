import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {startScript} from '../../../engine/plan/run/scripts.ts';
import {linerate, temporaryFolder, type CliAnswer} from '../../support/cli.ts';
import {differences, overOnHost, runOf, SHORT, sysctlChange} from '../../support/guarded-runs.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';
import {ADDRESS} from '../../support/machines/recipe.ts';
import {machineState} from '../../support/machines/state.ts';

const folder = temporaryFolder();
const inventory = path.join(folder, 'machine.ini');
let machine: Machine;
let untouched: readonly string[];
let provisioned: string;

test.before(async (t) => {
  t.timeout(1_200_000);
  machine = await bootMachine((line) => t.log(line));
  writeFileSync(inventory, `machine ansible_ssh_common_args='-F ${machine.sshConfigPath}'\n`);
  await machine.run('systemctl is-system-running --wait');
  untouched = await machineState(machine);
});

test.after.always(async () => {
  await machine?.stop();
});

// Asked for where packets are seen to wait for a processor: on an emulated machine they do whenever its own host is busy.
const UNSTEADY = {'sysctl net.core.netdev_budget': 'leave', 'sysctl net.core.netdev_budget_usecs': 'leave'};

/** Runs a command for the machine; `settings` are asked for beside the workload's. */
const runWith = async (settings: object, verb: string, ...words: readonly string[]): Promise<CliAnswer> => {
  const variables = JSON.stringify({linerate_settings: {...UNSTEADY, ...settings}});
  return linerate([verb, '-i', inventory, '-w', 'throughput', '-e', variables, ...words]);
};

const run = async (verb: string, ...words: readonly string[]): Promise<CliAnswer> => runWith({}, verb, ...words);

/** The values that a person would look at, read without linerate. */
const LOOK = [
  'cat /proc/sys/net/core/rmem_max /proc/sys/net/ipv4/tcp_slow_start_after_idle',
  'ethtool -g enp65s0 | sed -n "/Current/,\\$s/^RX:[^0-9]*//p"',
  'for n in ens1 enp129s0; do cat /sys/class/net/$n/queues/rx-*/rps_flow_cnt; done',
  'for i in $(ls /sys/class/net/ens1/device/msi_irqs); do cat /proc/irq/$i/smp_affinity_list; done | sort',
].join('; ');

const look = async (): Promise<string> => (await machine.run(LOOK)).stdout;

test.serial(
  'a machine with two nodes and three NIC models is provisioned over a NIC whose own rings change',
  async (t) => {
    t.timeout(600_000);
    const {status, stdout, stderr} = await run('apply', '--yes');
    t.is(status, 0, stderr);
    t.regex(stdout, /machine : .*changed=[1-9]\d+ .*failed=0 {2}rolled-back=0/);
    const values = await look();
    provisioned = (await machine.run('ls /var/lib/linerate/runs | head -n 1')).stdout.trim();
    t.regex(values, /^16777216\n0\n1024\n/);
    t.regex(values, /^4$(?:\n^\d.*$)*\n^7$/m, 'interrupts of the NIC on node 1 are on CPUs 4 to 7');
  },
);

test.serial('the machine itself has a line in its log for each change: who, from where, what', async (t) => {
  const {stdout} = await machine.run('journalctl --no-pager -o cat -t linerate');
  const from = String.raw`^\S+@\S+ from ${ADDRESS.host.replaceAll('.', String.raw`\.`)}, run \d{8}T\d{6}Z-\w+-\d: `;
  t.regex(stdout, new RegExp(`${from}sysctl net/core/rmem_max: \\d+ -> 16777216$`, 'm'));
  t.regex(stdout, new RegExp(`${from}file /etc/linerate/hold\\.conf \\(boot\\): nothing -> \\d+ lines$`, 'm'));
});

test.serial('verify finds no drift, and a second run writes nothing', async (t) => {
  t.timeout(300_000);
  t.is((await run('verify')).status, 0);
  const newest = String.raw`find /etc /var/lib/linerate -printf '%C@ %p\n' | sort -n | tail -1`;
  const before = (await machine.run(newest)).stdout;
  const {status, stdout} = await run('apply', '--yes');
  t.is(status, 0);
  t.notRegex(stdout, /changed=[1-9]/);
  t.is((await machine.run(newest)).stdout, before);
});

test.serial('all of it holds after the driver is loaded anew', async (t) => {
  t.timeout(300_000);
  const before = await look();
  const script = 'modprobe -r vmxnet3; modprobe vmxnet3; udevadm settle; ip link set ens1 up; sleep 10';
  await machine.run(script);
  t.is(await look(), before);
  const {status, stdout} = await run('verify');
  t.is(status, 0, stdout);
});

test.serial('all of it holds after the link was taken down and up', async (t) => {
  t.timeout(300_000);
  const before = await look();
  await machine.run('ip link set ens1 down; sleep 1; ip link set ens1 up; sleep 10');
  t.is(await look(), before);
  const {status, stdout} = await run('verify');
  t.is(status, 0, stdout);
});

test.serial('all of it holds after a reboot', async (t) => {
  t.timeout(600_000);
  const before = await look();
  await machine.reboot();
  await machine.run('systemctl is-system-running --wait; sleep 5');
  t.is(await look(), before);
  const {status, stdout} = await run('verify');
  t.is(status, 0, stdout);
});

/** Links that come up again and again, for as long as `between` takes. */
const amongFlaps = async <Answer>(between: () => Promise<Answer>): Promise<Answer> => {
  const flaps = 'while :; do systemctl restart --no-block linerate-up.service; sleep 2; done';
  await machine.run(`systemd-run --quiet --unit=flaps sh -c '${flaps}'`);
  try {
    return await between();
  } finally {
    await machine.run('systemctl stop flaps; systemctl stop linerate-up.service');
  }
};

test.serial('other values are set, and are rolled back, while links come up and held values are set', async (t) => {
  t.timeout(900_000);
  const before = await look();
  const rings = {'nic ens1 ring.rx': 512, 'nic enp65s0 ring.rx': 2048};
  const other = await amongFlaps(async () => runWith(rings, 'apply', '--yes'));
  t.is(other.status, 0, other.stderr);
  t.regex(await look(), /^16777216\n0\n2048\n/);
  const {status, stderr} = await amongFlaps(async () => linerate(['rollback', '-i', inventory, '--yes']));
  t.is(status, 0, stderr);
  t.is(await look(), before);
});

test.serial('a guard that systemd lost is followed by another one, and the run is undone by itself', async (t) => {
  t.timeout(300_000);
  const run = runOf({changes: [sysctlChange('net/ipv4/tcp_keepalive_time', '7200', '601')], times: SHORT});
  t.regex((await machine.run(startScript(run))).stdout, /^state awaiting$/m);
  await machine.run(`systemctl kill --signal=KILL linerate-guard-${run.id}.service`);
  t.is(await overOnHost(machine.target, run), 'undone');
  t.is(
    (await machine.run('cat /proc/sys/net/ipv4/tcp_keepalive_time; systemctl --failed --plain --no-legend')).stdout,
    '7200\n',
  );
});

test.serial('rolled back, the machine is as it was before it was provisioned', async (t) => {
  t.timeout(600_000);
  const {status, stderr} = await linerate(['rollback', '-i', inventory, '--yes', '--run', provisioned]);
  t.is(status, 0, stderr);
  t.deepEqual(differences(untouched.join('\n'), (await machineState(machine)).join('\n')), []);
});
