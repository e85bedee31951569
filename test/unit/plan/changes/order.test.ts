import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Change} from '../../../../engine/model/change.ts';
import {changesOf} from '../../../../engine/plan/changes/changes.ts';
import {planHost} from '../../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../../engine/plan/variables.ts';
import {exampleFacts, exampleMachine, exampleNic, type NicShape} from '../../../support/facts.ts';
import {exampleSheets} from '../../../support/sheets.ts';
import {said} from '../../../support/steps/said.ts';

const SHEETS = exampleSheets({});

/** The devices' changes that these settings of an inventory come to. */
const devices = (facts: Facts, wanted: Readonly<Record<string, string>>): readonly Change[] => {
  const variables = parsePlanVariables({linerate_settings: wanted}, () => 'host_vars/example.yml');
  const {changes, blocks} = changesOf(facts, planHost('example', facts, SHEETS, variables), 'devices');
  if (blocks.length > 0) throw new Error(blocks.map(({id, reason}) => `${id}: ${reason}`).join('; '));
  return changes;
};

const steps = (changes: readonly Change[]): readonly string[] => changes.flatMap((change) => change.steps.map(said));

const one = (shape: NicShape = {}): Facts => exampleFacts({nics: [exampleNic(shape)]});

const sysctls = (values: Readonly<Record<string, string>>): Facts =>
  exampleFacts({
    nics: [],
    sysctls: {configured: [], live: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, {value}]))},
  });

const written = (changes: readonly Change[]): readonly string[] => changes.map(({id, after}) => `${id} = ${after}`);

test('one NIC: flags, MTU and features, the table down, channels, rings, the table, filters, moderation; then its link', (t) => {
  const changes = devices(one({queues: 16}), {
    'nic ens1f0 coalesce.adaptive-rx': 'off',
    'nic ens1f0 coalesce.rx-usecs': '5',
    'nic ens1f0 feature.ntuple-filters': 'on',
    'nic ens1f0 threaded': 'on',
    'rss ens1f0': 'equal 8',
    'nic ens1f0 ring.rx': '4096',
    'nic ens1f0 ring.tx': '1024',
    'nic ens1f0 channels.combined': '8',
    'nic ens1f0 feature.generic-receive-offload': 'off',
    'nic ens1f0 mtu': '9000',
    'nic ens1f0 private.link-down-on-close': 'on',
    'nic ens1f0 pause.rx': 'on',
  });
  t.deepEqual(steps(changes), [
    'ethtool --set-priv-flags ens1f0 link-down-on-close on',
    '9000 > /sys/class/net/ens1f0/mtu',
    'ethtool -K ens1f0 generic-receive-offload off',
    'ethtool -A ens1f0 rx on',
    'ethtool -X ens1f0 equal 8',
    'ethtool -L ens1f0 combined 8',
    'ethtool -G ens1f0 rx 4096 tx 1024',
    'ethtool -X ens1f0 equal 8',
    'ethtool -K ens1f0 ntuple-filters on',
    'ethtool -C ens1f0 adaptive-rx off rx-usecs 5',
    '1 > /sys/class/net/ens1f0/threaded',
    'wait for ens1f0',
  ]);
  t.is(changes.find(({id}) => id === 'nic ens1f0 ring.tx')?.with, 'nic ens1f0 ring.rx');
  t.deepEqual(
    changes.map(({undo}) => undo.length > 0),
    changes.map((_, index) => index === 0),
  );
});

test('the undo of a NIC goes the same way, tells all that a reset takes, and only tries what nobody touched', (t) => {
  const facts = exampleFacts({
    ...exampleMachine({coresPerSocket: 8}),
    nics: [exampleNic({queues: 2, affinity: [0, 1]})],
  });
  const [first] = devices(facts, {
    'nic ens1f0 channels.combined': '4',
    'nic ens1f0 feature.tcp-segmentation-offload': 'off',
  });
  t.deepEqual(first?.undo.map(said), [
    'ethtool -K ens1f0 tcp-segmentation-offload on',
    'ethtool -X ens1f0 equal 2',
    'ethtool -L ens1f0 combined 2',
    'ethtool -G ens1f0 rx 2048 tx 256 (if it can)',
    'ethtool -X ens1f0 default',
    'ethtool -C ens1f0 adaptive-rx on adaptive-tx on (if it can)',
    'ens1f0-other-misc to 0-1',
    'ens1f0-rx-tx-0 to 0-1',
    'ens1f0-rx-tx-1 to 0-1',
    '00 > /sys/class/net/ens1f0/queues/rx-0/rps_cpus',
    '0 > /sys/class/net/ens1f0/queues/rx-0/rps_flow_cnt',
    '00 > /sys/class/net/ens1f0/queues/rx-1/rps_cpus',
    '0 > /sys/class/net/ens1f0/queues/rx-1/rps_flow_cnt',
    ...[0, 1].flatMap((queue) => [
      `00 > /sys/class/net/ens1f0/queues/tx-${String(queue)}/xps_cpus`,
      `1879048192 > /sys/class/net/ens1f0/queues/tx-${String(queue)}/byte_queue_limits/limit_max`,
      `0 > /sys/class/net/ens1f0/queues/tx-${String(queue)}/byte_queue_limits/limit_min`,
    ]),
  ]);
});

test('a change that resets nothing has an undo of its own size', (t) => {
  const [first] = devices(one(), {'nic ens1f0 coalesce.rx-usecs-high': '20'});
  t.deepEqual(first?.undo.map(said), ['ethtool -C ens1f0 rx-usecs-high 0']);
});

test('a table that the driver made stays the driver’s, one that somebody made does not', (t) => {
  const shrink = {'nic ens1f0 channels.combined': '2'};
  t.deepEqual(steps(devices(one({queues: 4}), shrink)), [
    'ethtool -X ens1f0 equal 2',
    'ethtool -L ens1f0 combined 2',
    'ethtool -X ens1f0 default',
    'wait for ens1f0',
  ]);
  const rss = {slots: Array.from({length: 128}, (_, slot) => (slot < 96 ? 0 : 3)), keyBytes: 52, functions: []};
  const changes = devices(one({queues: 4, rss}), shrink);
  t.deepEqual(steps(changes), ['ethtool -X ens1f0 equal 2', 'ethtool -L ens1f0 combined 2', 'wait for ens1f0']);
  t.true(changes[0]?.undo.map(said).includes('ethtool -X ens1f0 weight 96 0 0 32'));
  const narrow = {slots: Array.from({length: 128}, () => 0), keyBytes: 52, functions: []};
  t.deepEqual(steps(devices(one({queues: 4, rss: narrow}), shrink)), [
    'ethtool -L ens1f0 combined 2',
    'wait for ens1f0',
  ]);
});

test('members of a bond come one at a time, the one in use last, each waited for, also in undo', (t) => {
  const members = ['eth0', 'eth1'].map((name, index) =>
    exampleNic({name, firstIrq: 100 + 100 * index, upper: ['bond0']}),
  );
  const bond = exampleNic({
    name: 'bond0',
    kind: 'bond',
    vectors: 'none',
    lower: ['eth0', 'eth1'],
    bond: {
      mode: 'active-backup',
      active: 'eth0',
      members: [
        {name: 'eth0', miiUp: true},
        {name: 'eth1', miiUp: true},
      ],
    },
  });
  const facts = exampleFacts({nics: [bond, ...members, exampleNic({name: 'eth2', firstIrq: 300})]});
  const changes = devices(
    facts,
    Object.fromEntries(['eth0', 'eth1', 'eth2'].map((name) => [`nic ${name} ring.rx`, '4096'])),
  );
  t.deepEqual(steps(changes), [
    'ethtool -G eth1 rx 4096',
    'wait for eth1',
    'ethtool -G eth2 rx 4096',
    'wait for eth2',
    'ethtool -G eth0 rx 4096',
    'wait for eth0',
  ]);
  t.deepEqual(
    changes.map(({nic, undo}) => [nic, undo.map(said).filter((text) => text.startsWith('wait'))]),
    [
      ['eth1', ['wait for eth1']],
      ['eth2', []],
      ['eth0', ['wait for eth0']],
    ],
  );
});

test('the NIC that carries the connection comes last; one without carrier is not waited for', (t) => {
  const nics = [exampleNic({name: 'eth0', firstIrq: 100}), exampleNic({name: 'eth1', firstIrq: 200, carrier: false})];
  const facts = exampleFacts({
    nics,
    network: {addresses: [], routes: [{family: 4, to: 'default', via: '10.0.0.1', interface: 'eth0', table: 'main'}]},
  });
  t.deepEqual(steps(devices(facts, {'nic eth0 mtu': '9000', 'nic eth1 mtu': '9000'})), [
    '9000 > /sys/class/net/eth1/mtu',
    '9000 > /sys/class/net/eth0/mtu',
    'wait for eth0',
  ]);
});

test('a VLAN’s MTU comes back with that of the device below it', (t) => {
  const nic = exampleNic({name: 'eth0', mtu: 9000, upper: ['eth0.5']});
  const vlan = exampleNic({name: 'eth0.5', kind: 'vlan', vectors: 'none', mtu: 8900, lower: ['eth0']});
  const [change] = devices(exampleFacts({nics: [nic, vlan]}), {'nic eth0 mtu': '1500'});
  t.deepEqual(change?.undo.slice(0, 2).map(said), [
    '9000 > /sys/class/net/eth0/mtu',
    '8900 > /sys/class/net/eth0.5/mtu',
  ]);
});

test('an offload that stands for several comes back part by part', (t) => {
  const part = (on: boolean, fixed = false) => ({on, fixed});
  const nic = exampleNic({
    features: {
      'tcp-segmentation-offload': part(true),
      'tx-tcp-segmentation': part(true),
      'tx-tcp-ecn-segmentation': part(false, true),
      'tx-tcp-mangleid-segmentation': part(false),
      'tx-tcp6-segmentation': part(true),
      'tx-udp-segmentation': part(false),
    },
  });
  const [change] = devices(exampleFacts({nics: [nic]}), {'nic ens1f0 feature.tcp-segmentation-offload': 'off'});
  t.deepEqual(change?.undo.map(said), [
    'ethtool -K ens1f0 tx-tcp-segmentation on tx-tcp-mangleid-segmentation off tx-tcp6-segmentation on',
  ]);
});

test('the host: services, threads, modules, the switch of huge pages, which rewrites a parameter, parameters, the rest', (t) => {
  const facts = exampleFacts({
    ...exampleMachine({threadsPerCore: 2}),
    services: {services: [{name: 'irqbalance', active: true, enabled: true}], files: []},
  });
  const changes = devices(facts, {
    'thp enabled': 'never',
    'cpu governor': 'performance',
    'sysctl vm.swappiness': '10',
    'module nf_conntrack hashsize': '65536',
    'cpu smt': 'off',
    'service irqbalance': 'stopped',
    'hugepages 0 2048kB': '8',
    'mount /mnt/huge': 'hugetlbfs',
  });
  t.deepEqual(steps(changes), [
    'systemctl stop irqbalance.service',
    'off > /sys/devices/system/cpu/smt/control',
    'modprobe nf_conntrack hashsize=65536',
    'never > /sys/kernel/mm/transparent_hugepage/enabled',
    '10 > /proc/sys/vm/swappiness',
    'performance > /sys/devices/system/cpu/cpufreq/policy0/scaling_governor',
    '8 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages',
    'mkdir -p /mnt/huge',
    'mount -t hugetlbfs hugetlbfs /mnt/huge',
  ]);
});

test('parameters: forwarding first, ceilings before what they cap, the other way round where they come down', (t) => {
  const low = {
    'net/core/rmem_max': '212992',
    'net/ipv4/conf/eth0/rp_filter': '1',
    'net/ipv4/conf/all/accept_redirects': '1',
    'net/ipv4/conf/all/forwarding': '0',
    'net/ipv4/ip_forward': '0',
    'net/ipv4/neigh/default/gc_thresh1': '128',
    'net/ipv4/neigh/default/gc_thresh2': '512',
    'net/ipv4/neigh/default/gc_thresh3': '1024',
    'net/ipv4/tcp_rmem': '4096 131072 6291456',
    'net/netfilter/nf_conntrack_buckets': '65536',
    'net/netfilter/nf_conntrack_max': '65536',
  };
  const high = {
    'net/core/rmem_max': '67108864',
    'net/ipv4/conf/eth0/rp_filter': '2',
    'net/ipv4/conf/all/accept_redirects': '0',
    'net/ipv4/conf/all/forwarding': '1',
    'net/ipv4/ip_forward': '1',
    'net/ipv4/neigh/default/gc_thresh1': '4096',
    'net/ipv4/neigh/default/gc_thresh2': '8192',
    'net/ipv4/neigh/default/gc_thresh3': '16384',
    'net/ipv4/tcp_rmem': '4096 131072 67108864',
    'net/netfilter/nf_conntrack_buckets': '262144',
    'net/netfilter/nf_conntrack_max': '1048576',
  };
  const asked = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(values)
        .filter(([key]) => !/all\/(?:forwarding|accept_redirects)$/.test(key))
        .map(([key, value]) => [`sysctl ${key}`, value]),
    );
  t.deepEqual(written(devices(sysctls(low), asked(high))), [
    'sysctl net/ipv4/ip_forward = 1',
    'sysctl net/core/rmem_max = 67108864',
    'sysctl net/ipv4/conf/eth0/rp_filter = 2',
    'sysctl net/ipv4/neigh/default/gc_thresh3 = 16384',
    'sysctl net/ipv4/neigh/default/gc_thresh2 = 8192',
    'sysctl net/ipv4/neigh/default/gc_thresh1 = 4096',
    'sysctl net/ipv4/tcp_rmem = 4096 131072 67108864',
    'sysctl net/netfilter/nf_conntrack_buckets = 262144',
    'sysctl net/netfilter/nf_conntrack_max = 1048576',
  ]);
  const down = devices(sysctls(high), asked(low)).map(({id}) => id.slice('sysctl net/'.length));
  t.true(down.indexOf('ipv4/tcp_rmem') < down.indexOf('core/rmem_max'));
  t.true(down.indexOf('ipv4/neigh/default/gc_thresh1') < down.indexOf('ipv4/neigh/default/gc_thresh2'));
  t.true(down.indexOf('ipv4/neigh/default/gc_thresh2') < down.indexOf('ipv4/neigh/default/gc_thresh3'));
});
