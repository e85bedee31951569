import test from 'ava';
import type {CliAnswer} from '../../support/cli.ts';
import {bindingMachine, type BindingMachine} from '../../support/machines/binding.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';

let machine: Machine;
let on: BindingMachine;
let address: string;

test.before(async (t) => {
  t.timeout(1_800_000);
  machine = await bootMachine((line) => t.log(line), {disk: 'grub', iommu: true});
  on = bindingMachine(machine);
  address = await on.addressOf('enp129s0');
});

test.after.always(async () => {
  await machine?.stop();
});

const WORDS = ['-r', 'dpdk-host', '-p', 'nics=[enp129s0]', '-p', 'hugepages={size: 2M, perNode: 32}'];

const run = async (verb: string, ...more: readonly string[]): Promise<CliAnswer> =>
  on.linerate(verb, ...WORDS, ...more);

/** What a DPDK application would look for, read without linerate. */
const look = async (): Promise<string> =>
  on.say(
    [
      `basename $(readlink /sys/bus/pci/devices/${address}/driver)`,
      'cat /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages',
      'cat /sys/devices/system/cpu/isolated /sys/devices/system/cpu/nohz_full',
      'findmnt -no FSTYPE,OPTIONS /dev/hugepages-2M | grep -o "hugetlbfs\\|pagesize=2M"',
      'grep ^DPDK_EAL /etc/linerate/dpdk.env',
    ].join('; '),
  );

const EXPECTED = (function_: string): string =>
  [
    'vfio-pci',
    '32',
    '6-7',
    '6-7',
    'hugetlbfs',
    'pagesize=2M',
    `DPDK_EAL_ARGUMENTS="-l 4,6 --main-lcore 4 --socket-mem 0,64 --huge-dir /dev/hugepages-2M -a ${function_}"`,
  ].join('\n');

test.serial('a stock machine becomes a DPDK host in one apply, with the reboot that isolation needs', async (t) => {
  t.timeout(1_800_000);
  const {status, stdout, stderr} = await run('apply', '--yes', '--reboot');
  t.is(status, 0, stdout + stderr);
  t.is(await look(), EXPECTED(address));
});

test.serial('a second run changes nothing, and verify finds no drift', async (t) => {
  t.timeout(900_000);
  const {status, stdout, stderr} = await run('apply', '--yes');
  t.is(status, 0, stdout + stderr);
  t.regex(stdout, /changed=0/);
  const verified = await run('verify');
  t.is(verified.status, 0, verified.stdout);
});

test.serial('all of it holds after another reboot', async (t) => {
  t.timeout(900_000);
  await machine.reboot();
  await on.say('systemctl is-system-running --wait');
  t.is(await look(), EXPECTED(address));
  const verified = await run('verify');
  t.is(verified.status, 0, verified.stdout);
});
