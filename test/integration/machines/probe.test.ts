import test from 'ava';
import {gather} from '../../../engine/actions/gather.ts';
import {loadSheets} from '../../../engine/catalogue/sheets.ts';
import {factScripts, type Facts} from '../../../engine/facts/facts.ts';
import type {Nic} from '../../../engine/facts/nic.ts';
import type {Target} from '../../../engine/model/target.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {sheetSysctls} from '../../../engine/plan/sheet-sysctls.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {queueCpus, unevenness} from '../../support/generated/laws.ts';
import {numbersIn} from '../../support/generated/tree.ts';
import {type Machine, bootMachine} from '../../support/machines/machine.ts';
import {ADDRESS, NICS, ORDINARY_USER} from '../../support/machines/recipe.ts';

const SHEETS = loadSheets();

const factsBy = async (target: Target): Promise<Facts> =>
  gather(target, {scripts: factScripts({sysctls: sheetSysctls(SHEETS)}), timeoutMs: 120_000});

let machine: Machine;
let facts: Facts;

test.before(async (t) => {
  t.timeout(600_000, 'the test machine is built on first use');
  machine = await bootMachine((line) => {
    console.error(line);
  });
  facts = await factsBy(machine.target);
});

test.after.always(async () => {
  await machine?.stop();
});

/** What commands print on the machine, over a connection that is not linerate's. */
const said = async (command: string): Promise<string> => {
  const {status, stdout, stderr} = await machine.run(command);
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout.trim();
};

const nicOf = (mac: string): Nic => {
  const found = facts.nics.find((nic) => nic.mac === mac);
  if (found === undefined) throw new Error(`no NIC has ${mac}`);
  return found;
};

test('CPU topology is what lscpu says', async (t) => {
  const rows = (await said('lscpu -p=CPU,CORE,SOCKET,NODE')).split('\n').filter((line) => !line.startsWith('#'));
  const told = rows.map((row) => row.split(',').map(Number));
  const {cpu} = facts;
  t.is(told.length, 8);
  for (const [number, core, socket, node] of told) {
    const thread = cpu.threads.find((candidate) => candidate.cpu === number);
    const siblings = told.filter((row) => row[1] === core).map((row) => row[0]);
    t.deepEqual([thread?.socket, thread?.node, thread?.siblings], [socket, node, siblings]);
  }
});

test('NUMA nodes are what numactl says', async (t) => {
  const text = await said('numactl --hardware');
  const nodes = [...text.matchAll(/^node (\d+) cpus: (.*)$/gm)].map(([, node, cpus = '']) => [
    Number(node),
    cpus.trim().split(' ').map(Number),
  ]);
  t.is(nodes.length, 2);
  t.deepEqual(
    facts.numa.nodes.map(({node, cpus}) => [node, cpus]),
    nodes,
  );
  const distances = [...text.matchAll(/^ +\d+: +(.*)$/gm)].map(([, row = '']) => row.trim().split(/ +/).map(Number));
  t.deepEqual(
    facts.numa.nodes.map((node) => node.distances),
    distances,
  );
});

test('the three NICs have their drivers and nodes', (t) => {
  const seen = [NICS.management, NICS.virtio, NICS.vmxnet3].map((mac) => nicOf(mac));
  t.deepEqual(
    seen.map((nic) => [nic.driver, nic.kind, nic.pci?.numaNode, nic.carrier]),
    [
      ['e1000e', 'physical', 0, true],
      ['virtio_net', 'paravirtual', 1, true],
      ['vmxnet3', 'paravirtual', 1, true],
    ],
  );
  t.deepEqual(
    seen.map((nic) => nic.pci?.localCpus),
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [4, 5, 6, 7],
    ],
  );
});

/** The second of ethtool's two numbers for a label: what is set now. */
const nowOf = (text: string, label: string): number | undefined => {
  const value = [...text.matchAll(new RegExp(`^${label}:\\s+(\\S+)$`, 'gm'))].at(-1)?.[1];
  return value === undefined || value === 'n/a' ? undefined : Number(value);
};

test('rings, channels and moderation are what ethtool says', async (t) => {
  for (const mac of Object.values(NICS)) {
    const {name, rings, channels, coalesce} = nicOf(mac);
    const text = await said(`for verb in -g -l -c; do ethtool $verb ${name} || true; echo =; done`);
    const [ringText = '', channelText = '', coalesceText = ''] = text.split('=\n');
    t.deepEqual('now' in rings ? [rings.now.rx, rings.now.tx] : [], [nowOf(ringText, 'RX'), nowOf(ringText, 'TX')]);
    t.is('now' in channels ? channels.now.combined : undefined, nowOf(channelText, 'Combined'), name);
    t.is('unknown' in coalesce ? undefined : coalesce['rx-usecs'], nowOf(coalesceText, 'rx-usecs'), name);
  }
});

test('every vector is the one that /proc/interrupts names, on the CPUs that it may be on', async (t) => {
  const text = await said('cat /proc/interrupts; grep . /proc/irq/*/smp_affinity_list');
  for (const mac of Object.values(NICS)) {
    const {irqs} = nicOf(mac);
    t.true(irqs.length > 0);
    for (const {irq, name, affinity} of irqs) {
      t.is(name, new RegExp(`^ *${String(irq)}: .* (\\S+)$`, 'm').exec(text)?.[1] ?? 'no such line');
      const allowed = new RegExp(`^/proc/irq/${String(irq)}/smp_affinity_list:(.*)$`, 'm').exec(text)?.[1];
      t.deepEqual(affinity, numbersIn(allowed ?? ''));
    }
  }
});

test("queues get their vectors by each driver's naming", (t) => {
  const queues = (mac: string, role: string): (number | undefined)[] =>
    nicOf(mac)
      .irqs.filter((irq) => irq.role === role)
      .map((irq) => irq.queue);
  t.deepEqual(queues(NICS.management, 'rx'), [0]);
  t.deepEqual(queues(NICS.management, 'tx'), [0]);
  t.deepEqual(queues(NICS.virtio, 'rx'), [0, 1, 2, 3]);
  t.deepEqual(queues(NICS.virtio, 'tx'), [0, 1, 2, 3]);
  t.deepEqual(queues(NICS.vmxnet3, 'rx-tx'), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test('sysctls live and at boot are what the machine holds', async (t) => {
  const {sysctls} = facts;
  const keys = ['net/core/somaxconn', 'net/core/rmem_max', 'net/ipv4/tcp_rmem'];
  const values = (await said(`cd /proc/sys && cat ${keys.join(' ')}`)).split('\n');
  for (const [index, key] of keys.entries()) {
    t.deepEqual(sysctls.live[key], {value: values[index]?.replaceAll('\t', ' ') ?? ''});
  }
  t.like(
    sysctls.configured.find(({key}) => key === 'net/core/somaxconn'),
    {value: '8192', at: '/etc/sysctl.d/60-lab.conf:2'},
  );
});

test("the plan keeps the laws: queues of a node-1 NIC on node-1 CPUs, SSH's NIC marked", (t) => {
  const variables = parsePlanVariables({linerate_workload: 'throughput'}, () => undefined);
  const plan = planHost('machine', facts, SHEETS, variables);
  for (const mac of [NICS.virtio, NICS.vmxnet3]) {
    const cpus = queueCpus(plan, nicOf(mac).name);
    t.true(cpus.length > 0);
    t.deepEqual(
      cpus.filter((cpu) => cpu < 4),
      [],
    );
    t.true(unevenness(cpus, [4, 5, 6, 7]) <= 1);
  }
  const management = nicOf(NICS.management).name;
  t.deepEqual(plan.managementPath, [management]);
  t.deepEqual(
    queueCpus(plan, management).filter((cpu) => cpu > 3),
    [],
  );
});

test('an ordinary user sees the same topology, and says that it is not root', async (t) => {
  const ordinary = await factsBy({...machine.target, user: ORDINARY_USER});
  t.is(ordinary.os.user.name, ORDINARY_USER);
  t.deepEqual(ordinary.cpu, facts.cpu);
  t.deepEqual(
    ordinary.nics.map(({name, driver, rings, channels, irqs}) => ({name, driver, rings, channels, irqs: irqs.length})),
    facts.nics.map(({name, driver, rings, channels, irqs}) => ({name, driver, rings, channels, irqs: irqs.length})),
  );
});

test("by sudo all is as root sees it, and the session's address is not lost", async (t) => {
  const become = {user: 'root', method: 'sudo' as const};
  const asRoot = await factsBy({...machine.target, user: ORDINARY_USER, become});
  t.is(asRoot.os.user.uid, 0);
  t.is(asRoot.os.sshConnection?.serverAddress, ADDRESS.machine);
  t.deepEqual(
    asRoot.nics.map(({irqs}) => irqs),
    facts.nics.map(({irqs}) => irqs),
  );
  t.deepEqual(asRoot.sysctls, facts.sysctls);
});
