import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import {parseCpuMask} from '../../../engine/model/cpumask.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {exampleFacts, exampleMachine, exampleNic, type MachineShape, type NicShape} from '../../support/facts.ts';
import {ALL_RULES, exampleSheets, type Line} from '../../support/sheets.ts';

const host = (shape: MachineShape, nics: readonly NicShape[]): Facts => {
  const machine = exampleMachine(shape);
  return exampleFacts({
    ...machine,
    nics: nics.map((nic, index) => {
      const home = machine.numa.nodes.find(({node}) => node === nic.node);
      return exampleNic({firstIrq: 100 + index * 100, localCpus: home?.cpus ?? machine.cpu.online, ...nic});
    }),
  });
};

const plan = (facts: Facts, lines: readonly Line[] = ALL_RULES, variables: Record<string, unknown> = {}): Plan =>
  planHost(
    'h',
    facts,
    exampleSheets({workload: lines}),
    parsePlanVariables(variables, () => undefined),
  );

/** Values of the settings whose id matches, in the plan's order. */
const wants = (made: Plan, pattern: RegExp): string[] =>
  made.settings.filter(({id}) => pattern.test(id)).map(({want}) => want);

const TWO_SOCKETS: MachineShape = {sockets: 2, coresPerSocket: 4, threadsPerCore: 2};

test('queues get one core each on the NIC’s own node', (t) => {
  t.deepEqual(wants(plan(host(TWO_SOCKETS, [{node: 1, queues: 4}])), /^irq /), ['4', '5', '6', '7']);
});

test('a second NIC of the node starts where the first one ended', (t) => {
  const facts = host({coresPerSocket: 8}, [
    {name: 'eth0', node: 0, queues: 4, maxQueues: 4},
    {name: 'eth1', node: 0, queues: 3, maxQueues: 3},
  ]);
  t.deepEqual(wants(plan(facts), /^irq eth0/), ['0', '1', '2', '3']);
  t.deepEqual(wants(plan(facts), /^irq eth1/), ['4', '5', '6']);
});

test('channels follow the node’s cores, and all queue settings the channels that will be', (t) => {
  const made = plan(host(TWO_SOCKETS, [{node: 0, queues: 16, maxQueues: 64}]));
  t.deepEqual(wants(made, /channels/), ['4']);
  t.deepEqual(wants(made, /^rss/), ['equal 4']);
  t.is(wants(made, /^irq/).length, 4);
  t.is(wants(made, /xps$/).length, 4);
  const more = plan(host(TWO_SOCKETS, [{node: 0, queues: 1, maxQueues: 64}]));
  // Queues to come start without RPS, which is what is wanted: nothing to do.
  t.deepEqual(
    more.settings.filter(({id, pending}) => id.endsWith('rps') && pending.length > 0),
    [],
  );
  const grown = plan(host(TWO_SOCKETS, [{node: 0, queues: 1, maxQueues: 64}]));
  t.deepEqual(
    grown.settings.filter(({id}) => id.startsWith('irq')).map(({id, live, want}) => [id, live, want]),
    [
      ['irq ens1f0 rx-tx-0', {value: '0'}, '0'],
      ['irq ens1f0 rx-tx-1', 'absent', '1'],
      ['irq ens1f0 rx-tx-2', 'absent', '2'],
      ['irq ens1f0 rx-tx-3', 'absent', '3'],
    ],
  );
});

test('channels asked for outright beat the rule; channels that filters use are kept', (t) => {
  const facts = host(TWO_SOCKETS, [{node: 0, queues: 16, maxQueues: 64}]);
  const asked = plan(facts, ALL_RULES, {linerate_settings: {'nic channels.combined': 2}});
  t.deepEqual(wants(asked, /channels|^rss/), ['2', 'equal 2']);
  const filtered = plan(host(TWO_SOCKETS, [{node: 0, queues: 16, maxQueues: 64, ntupleRules: 3}]));
  t.deepEqual(wants(filtered, /channels/), []);
});

test('where a change of channels is refused, queues are planned as they are', (t) => {
  const facts = host(TWO_SOCKETS, [{node: 0, queues: 8, maxQueues: 64, xdp: {mode: 'driver', program: '17'}}]);
  const made = plan(facts);
  t.deepEqual(
    made.blocks.map(({id}) => id),
    ['nic ens1f0 channels.combined'],
  );
  t.deepEqual(wants(made, /^rss/), ['equal 8']);
  t.is(wants(made, /^irq/).length, 8);
});

test('rx and tx vectors of one queue share a CPU', (t) => {
  const made = plan(
    host({coresPerSocket: 4}, [{node: 0, queues: 2, maxQueues: 2, vectors: 'split', driver: 'virtio_net'}]),
  );
  t.deepEqual(
    made.settings.filter(({id}) => id.startsWith('irq')).map(({id, want}) => `${id} ${want}`),
    ['irq ens1f0 rx-0 0', 'irq ens1f0 tx-0 0', 'irq ens1f0 rx-1 1', 'irq ens1f0 tx-1 1'],
  );
});

test('an unknown node is not node 0: all CPUs are used, and it is told', (t) => {
  const made = plan(host({sockets: 2, coresPerSocket: 2}, [{node: -1, queues: 4, maxQueues: 4}]));
  t.deepEqual(wants(made, /^irq /), ['0', '1', '2', '3']);
  t.deepEqual(
    made.findings.map(({code}) => code),
    ['node-unknown'],
  );
  const single = plan(host({coresPerSocket: 4}, [{node: -1, queues: 4, maxQueues: 4}]));
  t.deepEqual(single.findings, []);
});

test('isolated CPUs take no interrupt; other vectors move off them too', (t) => {
  const facts = host({coresPerSocket: 4, isolated: [2], nohzFull: [3]}, [{node: 0, queues: 4, maxQueues: 4}]);
  const made = plan(facts, [{set: 'rule irq', to: 'spread'}]);
  t.deepEqual(
    made.settings.map(({id, want}) => `${id} ${want}`),
    [
      'irq ens1f0 rx-tx-0 0',
      'irq ens1f0 rx-tx-1 1',
      'irq ens1f0 rx-tx-2 0',
      'irq ens1f0 rx-tx-3 1',
      'irq ens1f0 other-0 0-1',
    ],
  );
});

test('CPUs that the plan isolates from the next boot on are left alone already', (t) => {
  const facts = host({coresPerSocket: 4}, [{node: 0, queues: 2, maxQueues: 2}]);
  const made = plan(facts, [
    {set: 'rule irq', to: 'spread'},
    {set: 'boot isolcpus', to: 'managed_irq,domain,0-1'},
  ]);
  t.deepEqual(wants(made, /^irq \S+ rx/), ['2', '3']);
});

test('threads that go with SMT take no interrupt any more', (t) => {
  const facts = host({coresPerSocket: 2, threadsPerCore: 2}, [{node: 0, queues: 4, maxQueues: 4}]);
  const rule: Line[] = [{set: 'rule irq', to: 'spread'}];
  t.deepEqual(wants(plan(facts, rule), /^irq \S+ rx/), ['0', '1', '2', '3']);
  t.deepEqual(wants(plan(facts, rule, {linerate_settings: {'cpu smt': false}}), /^irq \S+ rx/), ['0', '1', '0', '1']);
});

test('a node without a free CPU uses the others, and tells so; no free CPU at all leaves all alone', (t) => {
  const facts = host({sockets: 2, coresPerSocket: 2}, [{node: 1, queues: 2, maxQueues: 2}]);
  const made = plan(facts, ALL_RULES, {linerate_reserved_cpus: '2-3'});
  t.deepEqual(wants(made, /^irq \S+ rx/), ['0', '1']);
  t.deepEqual(
    made.findings.map(({code}) => code),
    ['no-local-cpu'],
  );
  const none = plan(facts, ALL_RULES, {linerate_reserved_cpus: '0-3'});
  t.deepEqual(wants(none, /^irq/), []);
  t.true(none.findings.some(({code}) => code === 'no-usable-cpu'));
});

test('performance cores come before efficiency cores', (t) => {
  const facts = host({coresPerSocket: 4, efficiencyCores: [0, 1]}, [{node: 0, queues: 3, maxQueues: 3}]);
  t.deepEqual(wants(plan(facts), /^irq/), ['2', '3', '0']);
});

test('interrupts that the kernel owns are told, not planned', (t) => {
  const facts = host({coresPerSocket: 2}, [{node: 0, queues: 2, maxQueues: 2}]);
  const [nic] = facts.nics;
  const managed = {
    ...facts,
    nics: nic ? [{...nic, irqs: Array.from(nic.irqs, (irq) => ({...irq, managed: true}))}] : [],
  };
  const made = plan(managed, [{set: 'rule irq', to: 'spread'}]);
  t.deepEqual(
    made.settings.filter(({pending}) => pending.includes('live')),
    [],
  );
  t.deepEqual(
    made.findings.map(({code}) => code),
    ['managed-irqs'],
  );
});

test('RPS: off with a queue for each core, else the node without a busy interrupt CPU', (t) => {
  const rps = (shape: MachineShape, nic: NicShape): string[] => wants(plan(host(shape, [nic]), ALL_RULES), /rps$/);
  t.deepEqual(rps({coresPerSocket: 4}, {node: 0, queues: 4, maxQueues: 4}), ['0', '0', '0', '0']);
  t.deepEqual(rps({coresPerSocket: 4}, {node: 0, queues: 1, maxQueues: 1, speedMbps: 1000}), ['f']);
  t.deepEqual(rps({coresPerSocket: 4}, {node: 0, queues: 1, maxQueues: 1, speedMbps: 25_000}), ['e']);
  const ena = {node: 0, queues: 1, maxQueues: 1, driver: 'ena', speedMbps: 0};
  t.deepEqual(rps({coresPerSocket: 4, threadsPerCore: 2}, ena), ['ee']);
  t.deepEqual(rps({coresPerSocket: 1}, {node: 0, queues: 1, maxQueues: 1}), ['0']);
});

test('RPS is off where the NICs of a node together interrupt every core', (t) => {
  const nics: NicShape[] = ['eth0', 'eth1'].map((name) => ({name, node: 0, queues: 2, maxQueues: 2, speedMbps: 1000}));
  t.deepEqual(wants(plan(host({coresPerSocket: 4}, nics)), /rps$/), ['0', '0', '0', '0']);
  t.deepEqual(wants(plan(host({coresPerSocket: 6}, nics)), /rps$/), ['3f', '3f', '3f', '3f']);
});

test('a single CPU follows no flows', (t) => {
  const made = plan(host({coresPerSocket: 1}, [{node: 0, queues: 1, maxQueues: 1}]));
  t.deepEqual(wants(made, /rfs$|rps_sock/), []);
  t.deepEqual(
    made.settings.filter(({id, pending}) => id.startsWith('irq') && pending.length > 0),
    [],
  );
});

test('masks are as wide as the kernel’s own: possible CPUs count, not online ones', (t) => {
  const made = plan(host({coresPerSocket: 4, spare: 60}, [{node: 0, queues: 1, maxQueues: 1, speedMbps: 100}]));
  t.deepEqual(wants(made, /rps$/), ['00000000,0000000f']);
});

test('RFS entries are shared out over the queues and rounded as the kernel rounds them', (t) => {
  const facts = host({coresPerSocket: 3}, [{node: 0, queues: 3, maxQueues: 3}]);
  t.deepEqual(wants(plan(facts), /rfs$|rps_sock/), ['32768', '16384', '16384', '16384']);
  t.deepEqual(wants(plan(facts, ALL_RULES, {linerate_active_flows: 100_000}), /rps_sock/), ['131072']);
  const sheet: Line[] = [...ALL_RULES, {set: 'sysctl net/core/rps_sock_flow_entries', atLeast: '65536'}];
  t.deepEqual(wants(plan(facts, sheet), /rfs$|rps_sock/), ['65536', '32768', '32768', '32768']);
  t.deepEqual(wants(plan(facts, sheet, {linerate_active_flows: 100_000}), /rps_sock/), ['131072']);
  const off = plan(facts, [{set: 'rule rfs', to: 'off'}]);
  t.deepEqual(wants(off, /rfs$|rps_sock/), ['0', '0', '0']);
});

test('XPS: CPUs go to the queue that shares their core or cache; cleared or left where the rule says', (t) => {
  const facts = host({sockets: 2, coresPerSocket: 4, coresPerCache: 2}, [{node: 1, queues: 4, maxQueues: 4}]);
  // Node 1 has CPUs 4-7 and caches {4,5} and {6,7}; the CPUs of node 0 go round.
  t.deepEqual(wants(plan(facts), /xps$/), ['11', '22', '44', '88']);
  t.deepEqual(wants(plan(facts, [{set: 'rule xps', to: 'clear'}]), /xps$/), ['00', '00', '00', '00']);
  t.deepEqual(wants(plan(facts, [{set: 'rule xps', to: 'leave'}]), /xps$/), []);
  t.deepEqual(wants(plan(host({coresPerSocket: 4}, [{node: 0, queues: 1, maxQueues: 1}])), /xps$/), []);
});

test('XPS stays even where one cache has more CPUs than its queues should take', (t) => {
  const offline = Array.from({length: 8}, (_, index) => 10 + index);
  const facts = host({sockets: 2, coresPerSocket: 9, offline}, [{node: -1, queues: 4, maxQueues: 4}]);
  const made = plan(facts, ALL_RULES, {linerate_reserved_cpus: '3-8'});
  t.deepEqual(wants(made, /^irq \S+ rx/), ['0', '1', '2', '9']);
  const sizes = wants(made, /xps$/).map((mask) => (parseCpuMask(mask) ?? []).length);
  t.deepEqual(
    sizes.sort((a, b) => a - b),
    [2, 2, 3, 3],
  );
});

test('irqbalance is told or stopped where it runs, and stopping is the stronger', (t) => {
  const facts = host({coresPerSocket: 4}, [
    {name: 'eth0', node: 0, driver: 'virtio_net', queues: 2, maxQueues: 2},
    {name: 'eth1', node: 0, queues: 2, maxQueues: 2},
  ]);
  const running = {...facts, services: {files: [], services: [{name: 'irqbalance', active: true, enabled: true}]}};
  const lines = (word: string): Line[] => [
    {set: 'rule irq', to: 'spread'},
    {set: 'rule irqbalance', to: word},
  ];
  const services = (made: Plan): string[] =>
    made.settings.filter(({id}) => id.startsWith('service')).map(({id, want}) => `${id} ${want}`);
  t.deepEqual(services(plan(running, lines('ban'))), [
    'service irqbalance ban.ice banned',
    'service irqbalance ban.virtio_pci banned',
  ]);
  t.deepEqual(services(plan(running, lines('stop'))), ['service irqbalance stopped']);
  const stopped = {...facts, services: {files: [], services: [{name: 'irqbalance', active: false, enabled: false}]}};
  t.deepEqual(services(plan(stopped, lines('stop'))), ['service irqbalance stopped']);
  t.deepEqual(services(plan(stopped, lines('ban'))), []);
  t.deepEqual(services(plan(facts, lines('stop'))), []);
  t.deepEqual(
    plan(running, [{set: 'rule irq', to: 'spread'}]).findings.map(({message}) => message),
    ['irqbalance will move the pinned interrupts of eth0, eth1 within ten seconds'],
  );
});
