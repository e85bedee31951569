import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder, type CliAnswer} from '../../support/cli.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';

const folder = temporaryFolder();
const inventory = path.join(folder, 'machine.ini');
let machine: Machine;

test.before(async (t) => {
  t.timeout(1_200_000);
  machine = await bootMachine((line) => t.log(line));
  writeFileSync(inventory, `machine ansible_ssh_common_args='-F ${machine.sshConfigPath}'\n`);
});

test.after.always(async () => {
  await machine?.stop();
});

const run = async (verb: string, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate([verb, '-i', inventory, '-w', 'throughput', ...words]);

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
    t.regex(values, /^16777216\n0\n1024\n/);
    t.regex(values, /^4$(?:\n^\d.*$)*\n^7$/m, 'interrupts of the NIC on node 1 are on CPUs 4 to 7');
  },
);

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
