import test from 'ava';
import {Fault} from '../../../engine/model/fault.ts';
import {describeSetting} from '../../../engine/plan/describe.ts';
import {explainSetting, wishText} from '../../../engine/plan/explain.ts';
import {planIdentity} from '../../../engine/plan/identity.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {ALL_RULES, exampleSheets} from '../../support/sheets.ts';

const NONE = parsePlanVariables({}, () => undefined);

const SHEETS = exampleSheets({
  workload: [{set: 'sysctl net/core/somaxconn', atLeast: '4096'}, {set: 'nic ring.rx', to: '2048'}, ...ALL_RULES],
  workloads: {connections: [{set: 'sysctl net/core/somaxconn', atLeast: '65535'}]},
  nics: {ice: [{set: 'nic ring.rx', to: '4096'}]},
  knowledge: [
    {set: 'sysctl net/core/somaxconn', what: 'the longest accept queue', source: 'ip-sysctl.rst'},
    {set: 'nic ring.rx', what: 'receive descriptors', source: 'ethtool(8)'},
    {set: 'rule irq', what: 'where interrupts go', source: 'scaling.rst'},
    {set: 'sysctl net/ipv4/conf/*/rp_filter', what: 'reverse path filter', source: 'ip-sysctl.rst'},
    {set: 'hugepages each 2048kB', what: 'huge pages', source: 'hugetlbpage.rst'},
  ],
  folklore: [{set: 'sysctl net/core/somaxconn', when: '<128', grade: 'harmful', message: 'too short', source: 'x'}],
});

test('without a host: what it is, and what not to do', (t) => {
  const explained = explainSetting('sysctl net.core.somaxconn', SHEETS);
  t.is(explained.address, 'sysctl net/core/somaxconn');
  t.is(explained.knowledge?.what, 'the longest accept queue');
  t.deepEqual(
    explained.folklore.map(({message}) => message),
    ['too short'],
  );
  t.deepEqual([explained.wishes, explained.standings], [[], []]);
});

test('with a host: what it holds, what each workload asks for, and what the plan says', (t) => {
  const facts = exampleFacts();
  const host = {facts, plan: planHost('h', facts, SHEETS, NONE)};
  const explained = explainSetting('sysctl net.core.somaxconn', SHEETS, host);
  t.deepEqual(
    explained.wishes.map(({workload, entry}) => [workload, entry.atLeast]),
    [
      ['balanced', '4096'],
      ['connections', '65535'],
    ],
  );
  t.deepEqual(
    explained.standings.map(({id, live, setting}) => [id, live, setting?.want]),
    [['sysctl net/core/somaxconn', {value: '4096'}, '4096']],
  );
});

test('a NIC setting stands on every NIC, or on the one that is named', (t) => {
  const facts = exampleFacts({nics: [exampleNic({name: 'eth0'}), exampleNic({name: 'eth1', firstIrq: 300})]});
  const host = {facts, plan: planHost('h', facts, SHEETS, NONE)};
  const all = explainSetting('nic ring.rx', SHEETS, host);
  t.deepEqual(
    all.standings.map(({id, setting}) => [id, setting?.want]),
    [
      ['nic eth0 ring.rx', '4096'],
      ['nic eth1 ring.rx', '4096'],
    ],
  );
  const one = explainSetting('nic eth1 ring.rx', SHEETS, host);
  t.is(one.address, 'nic ring.rx');
  t.is(one.knowledge?.what, 'receive descriptors');
  t.deepEqual(
    one.standings.map(({id}) => id),
    ['nic eth1 ring.rx'],
  );
  t.deepEqual(
    one.wishes.map(({workload, nic, layer, entry}) => [workload, nic, layer, entry.to]),
    [
      ['balanced', 'eth1', 'workload', '2048'],
      ['balanced', 'eth1', 'nic', '4096'],
      ['connections', 'eth1', 'nic', '4096'],
    ],
  );
});

test('a rule stands for the settings that it makes', (t) => {
  const facts = exampleFacts();
  const host = {facts, plan: planHost('h', facts, SHEETS, NONE)};
  const rule = explainSetting('rule irq', SHEETS, host);
  t.deepEqual(
    rule.standings.map(({id}) => id),
    ['irq ens1f0 rx-tx-0', 'irq ens1f0 rx-tx-1', 'irq ens1f0 rx-tx-2', 'irq ens1f0 rx-tx-3'],
  );
  const vector = explainSetting('irq ens1f0 rx-tx-2', SHEETS, host);
  t.is(vector.knowledge?.what, 'where interrupts go');
  t.is(vector.standings[0]?.setting?.want, '2');
});

test('knowledge of all interfaces and of each node is found for one', (t) => {
  t.is(explainSetting('sysctl net.ipv4.conf.eth0.rp_filter', SHEETS).knowledge?.what, 'reverse path filter');
  t.is(explainSetting('hugepages 1 2048kB', SHEETS).knowledge?.what, 'huge pages');
});

test('what is no address is the user’s fault', (t) => {
  const fault = t.throws(() => explainSetting('systcl net.core.somaxconn', SHEETS), {instanceOf: Fault});
  t.deepEqual([fault.code, fault.owner, fault.hint], ['unknown-address', 'user', 'did you mean "sysctl"?']);
});

test('every kind of id has a topic, a subject and a name', (t) => {
  const shown = (id: string): string => {
    const {topic, subject, label} = describeSetting(id);
    return `${topic} | ${subject} | ${label}`;
  };
  t.deepEqual(
    [
      'sysctl net/core/rmem_max',
      'sysctl net/ipv4/conf/eth0.5/rp_filter',
      'nic ens1f0 ring.rx',
      'nic ens1f0 feature.large-receive-offload',
      'nic ens1f0 mtu',
      'irq ens1f0 rx-3',
      'queue ens1f0 tx-3 xps',
      'queue ens1f0 tx-3 bql.limit_min',
      'rss ens1f0',
      'hugepages 0 1048576kB',
      'cpu governor',
      'boot isolcpus',
      'service irqbalance ban.ena',
    ].map(shown),
    [
      'socket buffers |  | net.core.rmem_max',
      'routing |  | net.ipv4.conf.eth0/5.rp_filter',
      'rings | ens1f0 | ring rx',
      'offloads | ens1f0 | large-receive-offload',
      'link | ens1f0 | mtu',
      'IRQ affinity | ens1f0 | rx-3 IRQ',
      'XPS | ens1f0 | tx-3 xps',
      'byte queue limits | ens1f0 | tx-3 bql.limit_min',
      'RSS | ens1f0 | RSS table',
      'hugepages |  | 1 GiB pages on node 0',
      'CPU |  | CPU governor',
      'kernel arguments |  | isolcpus=',
      'services |  | irqbalance for ena',
    ],
  );
});

test('a plan’s identity changes with the host and with what was there before, and with nothing else', (t) => {
  const facts = exampleFacts();
  const identity = (given: typeof facts): string => planIdentity(given, planHost('h', given, SHEETS, NONE));
  const same = identity(facts);
  t.is(identity({...facts, os: {...facts.os, uptimeSeconds: 9, bootId: 'other'}}), same);
  t.not(identity({...facts, os: {...facts.os, machineId: 'other'}}), same);
  t.not(identity({...facts, nics: [exampleNic({rings: {now: {rx: 512}, max: {rx: 8160}}})]}), same);
  t.not(identity({...facts, nics: [exampleNic({permanentMac: '02:00:00:00:00:99'})]}), same);
  t.notThrows(() => JSON.parse(same) as unknown);
});

test('what an entry asks for, in words', (t) => {
  const entry = {set: 'sysctl vm/swappiness', why: 'x', source: 'y', at: 'z:1'};
  t.is(wishText({...entry, to: '1', insteadOf: ['0', '2']}), '1 instead of 0 or 2');
  t.is(wishText({...entry, atLeast: '8192', atMost: '4096'}), 'at least 8192, at most 4096');
  t.is(wishText({...entry, noMoreThan: '10'}), 'no more than 10');
  t.is(wishText({...entry, atLeast: '600', seen: false}), 'at least 600, once its counters ask for it');
});
