import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Plan, Setting} from '../../../engine/model/setting.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {exampleSheets, type Line} from '../../support/sheets.ts';

const plan = (
  given: Parameters<typeof exampleSheets>[0],
  facts: Facts = exampleFacts(),
  variables: Record<string, unknown> = {},
): Plan =>
  planHost(
    'h',
    facts,
    exampleSheets(given),
    parsePlanVariables(variables, () => 'host_vars/h.yml:3'),
  );

const one = (made: Plan, id: string): Setting | undefined => made.settings.find((setting) => setting.id === id);
const summary = (setting: Setting | undefined): unknown =>
  setting && [setting.want, [...setting.pending], setting.from.layer, setting.limit ?? null];

const SOMAXCONN = 'sysctl net/core/somaxconn';
const withSysctl = (key: string, value: string, configured: Facts['sysctls']['configured'] = []): Facts => {
  const facts = exampleFacts();
  return {...facts, sysctls: {live: {...facts.sysctls.live, [key]: {value}}, configured}};
};

test('the inventory wins over the NIC’s sheet, which wins over the workload', (t) => {
  const lines = (value: string): Line[] => [{set: 'nic ring.rx', to: value}];
  const sheets = {workload: lines('512'), nics: {ice: lines('1024')}};
  t.deepEqual(summary(one(plan({workload: lines('512')}), 'nic ens1f0 ring.rx')), [
    '512',
    ['live', 'boot'],
    'workload',
    null,
  ]);
  t.deepEqual(summary(one(plan(sheets), 'nic ens1f0 ring.rx')), ['1024', ['live', 'boot'], 'nic', null]);
  const asked = plan(sheets, exampleFacts(), {linerate_settings: {'nic ring.rx': 4096}});
  t.deepEqual(summary(one(asked, 'nic ens1f0 ring.rx')), ['4096', ['live', 'boot'], 'inventory', null]);
  t.is(one(asked, 'nic ens1f0 ring.rx')?.from.at, 'host_vars/h.yml:3 linerate_settings');
});

test('an inventory value for one NIC wins over one for all', (t) => {
  const facts = exampleFacts({nics: [exampleNic({name: 'eth0'}), exampleNic({name: 'eth1', firstIrq: 300})]});
  const made = plan({}, facts, {linerate_settings: {'nic eth1 ring.rx': 1024, 'nic ring.rx': 4096}});
  t.deepEqual(
    made.settings.map(({id, want}) => [id, want]),
    [
      ['nic eth0 ring.rx', '4096'],
      ['nic eth1 ring.rx', '1024'],
    ],
  );
});

test('leave takes a setting out of the plan', (t) => {
  const made = plan({workload: [{set: SOMAXCONN, atLeast: '65535'}]}, exampleFacts(), {
    linerate_settings: {'sysctl net.core.somaxconn': 'leave'},
  });
  t.deepEqual(made.settings, []);
});

test('a floor never lowers what is live or configured, number by number', (t) => {
  const key = 'net/ipv4/tcp_rmem';
  const floor: Line[] = [{set: `sysctl ${key}`, atLeast: '4096 131072 16777216'}];
  const higher = withSysctl(key, '4096 131072 33554432');
  t.deepEqual(summary(one(plan({workload: floor}, higher), `sysctl ${key}`)), [
    '4096 131072 33554432',
    [],
    'workload',
    null,
  ]);
  const mixed = withSysctl(key, '8192 65536 33554432');
  t.deepEqual(summary(one(plan({workload: floor}, mixed), `sysctl ${key}`)), [
    '8192 131072 33554432',
    ['live', 'boot'],
    'workload',
    null,
  ]);
  const configured = withSysctl(key, '4096 131072 6291456', [
    {key, value: '4096 131072 67108864', at: '/etc/sysctl.d/50-x.conf:1', ignoreErrors: false},
  ]);
  t.deepEqual(summary(one(plan({workload: floor}, configured), `sysctl ${key}`)), [
    '4096 131072 67108864',
    ['live'],
    'workload',
    null,
  ]);
});

test('two floors of one layer: the higher one holds, and that is no contradiction', (t) => {
  const made = plan({
    workload: [
      {set: SOMAXCONN, atLeast: '65535'},
      {set: SOMAXCONN, atLeast: '8192'},
    ],
  });
  t.is(one(made, SOMAXCONN)?.want, '65535');
  t.deepEqual(made.findings, []);
});

test('two values of one layer are a finding that names both lines', (t) => {
  const made = plan({
    workload: [
      {set: 'sysctl vm/swappiness', to: '10'},
      {set: 'sysctl vm/swappiness', to: '1'},
    ],
  });
  t.is(one(made, 'sysctl vm/swappiness')?.want, '1');
  t.deepEqual(
    made.findings.map(({code, message}) => [code, message]),
    [
      [
        'contradiction',
        'templates/workloads/balanced.yaml.hbs:2 asks for 1 and templates/workloads/balanced.yaml.hbs:1 for 10; the first is taken',
      ],
    ],
  );
});

test('a value that a higher layer overrules is no contradiction', (t) => {
  const sheets = {workload: [{set: 'sysctl vm/swappiness', to: '10'}]};
  const made = plan(sheets, exampleFacts(), {linerate_settings: {'sysctl vm.swappiness': 1}});
  t.deepEqual(made.findings, []);
});

test('a ring beyond the NIC’s maximum is planned as the maximum, and says so', (t) => {
  const nic = exampleNic({rings: {now: {rx: 512}, max: {rx: 4096}}});
  const made = plan({workload: [{set: 'nic ring.rx', to: '8192'}]}, exampleFacts({nics: [nic]}));
  t.deepEqual(summary(one(made, 'nic ens1f0 ring.rx')), [
    '4096',
    ['live', 'boot'],
    'workload',
    "asked for 8192, the NIC's maximum is 4096",
  ]);
});

test('a sheet’s own maximum cuts too', (t) => {
  const made = plan({workload: [{set: 'nic ring.rx', atLeast: '8000', atMost: '4096'}]});
  t.deepEqual(summary(one(made, 'nic ens1f0 ring.rx')), [
    '4096',
    ['live', 'boot'],
    'workload',
    'asked for 8000, the maximum is 4096',
  ]);
});

test('a value that is there but that nothing makes last is pending for the next boot', (t) => {
  const facts = exampleFacts();
  const made = plan({workload: [{set: 'thp enabled', to: 'always'}]}, facts);
  t.deepEqual(summary(one(made, 'thp enabled')), ['always', ['boot'], 'workload', null]);
});

test('a setting that nobody sets and that holds the kernel’s default holds it at the next boot', (t) => {
  const knowledge = [{set: 'sysctl vm/swappiness', what: 'x', default: '60', source: 'x'}];
  const swappiness = (to: string, facts = exampleFacts()): Setting | undefined =>
    one(plan({workload: [{set: 'sysctl vm/swappiness', to}], knowledge}, facts), 'sysctl vm/swappiness');
  t.deepEqual(swappiness('60')?.boot, {held: {value: '60'}, by: 'the kernel’s default'});
  t.deepEqual(swappiness('60')?.pending, []);
  t.deepEqual(swappiness('10')?.pending, ['live', 'boot']);
  // Set by hand, or another kernel's default: nobody can tell.
  t.deepEqual(swappiness('10', withSysctl('vm/swappiness', '10'))?.boot, {held: 'default'});
  t.deepEqual(swappiness('10', withSysctl('vm/swappiness', '10'))?.pending, ['boot']);
});

test('static moderation is left out while adaptive moderation is or will be on', (t) => {
  const usecs = {set: 'nic coalesce.rx-usecs', to: '0'};
  t.deepEqual(plan({workload: [usecs]}).settings, []);
  const both = plan({workload: [usecs, {set: 'nic coalesce.adaptive-rx', to: 'off'}]});
  t.deepEqual(
    both.settings.map(({id, want}) => [id, want]),
    [
      ['nic ens1f0 coalesce.adaptive-rx', 'off'],
      ['nic ens1f0 coalesce.rx-usecs', '0'],
    ],
  );
});

test('hugepages for each node, sysctl globs for each key, BQL for each queue', (t) => {
  const facts = exampleFacts();
  const live = {'net/ipv4/conf/all/rp_filter': {value: '0'}, 'net/ipv4/conf/eth0/rp_filter': {value: '0'}};
  const made = plan(
    {
      workload: [
        {set: 'hugepages each 2048kB', to: '512'},
        {set: 'sysctl net/ipv4/conf/*/rp_filter', to: '2'},
        {set: 'nic bql.limit_min', to: 'max'},
      ],
    },
    {...facts, sysctls: {live, configured: []}, nics: [exampleNic({queues: 2})]},
  );
  t.deepEqual(
    made.settings.map(({id, want}) => `${id} = ${want}`),
    [
      'sysctl net/ipv4/conf/all/rp_filter = 2',
      'sysctl net/ipv4/conf/eth0/rp_filter = 2',
      'hugepages 0 2048kB = 512',
      'queue ens1f0 tx-0 bql.limit_min = 1879048192',
      'queue ens1f0 tx-1 bql.limit_min = 1879048192',
    ],
  );
});

test('hugepages that a node cannot hold are cut', (t) => {
  const made = plan({workload: [{set: 'hugepages each 1048576kB', to: '64'}]});
  t.deepEqual(summary(one(made, 'hugepages 0 1048576kB')), [
    '12',
    ['live', 'boot'],
    'workload',
    "asked for 64 pages, 12 fit into 80 % of the node's memory",
  ]);
});

test('expected connections and a round trip size conntrack, descriptors and TCP buffers, as floors', (t) => {
  const {live} = withSysctl('net/netfilter/nf_conntrack_max', '262144').sysctls;
  const sysctls = {live: {...live, 'net/netfilter/nf_conntrack_buckets': {value: '65536'}}, configured: []};
  const made = plan(
    {},
    {...exampleFacts(), sysctls, nics: [exampleNic({speedMbps: 10_000})]},
    {
      linerate_expected_connections: 1_000_000,
      linerate_round_trip_ms: 100,
    },
  );
  t.deepEqual(
    made.settings.map(({id, want}) => `${id} = ${want}`),
    [
      'sysctl fs/nr_open = 1250000',
      'sysctl net/ipv4/tcp_rmem = 4096 131072 250000000',
      'sysctl net/ipv4/tcp_wmem = 4096 16384 250000000',
      'sysctl net/netfilter/nf_conntrack_buckets = 2000000',
      'sysctl net/netfilter/nf_conntrack_max = 2000000',
      'limit nofile = 1250000',
    ],
  );
});

test('a TCP buffer never gets larger than the kernel’s int, however long the round trip', (t) => {
  const far = {...exampleFacts(), nics: [exampleNic({speedMbps: 400_000})]};
  const made = plan({}, far, {linerate_round_trip_ms: 300});
  t.is(one(made, 'sysctl net/ipv4/tcp_rmem')?.want, '4096 131072 2147483647');
});
