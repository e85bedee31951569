import test from 'ava';
import {bindings} from '../../../../engine/facts/driver-bindings.ts';
import {network} from '../../../../engine/facts/network-facts.ts';
import type {Route} from '../../../../engine/facts/network.ts';
import {nics} from '../../../../engine/facts/nic-facts.ts';
import type {Nic} from '../../../../engine/facts/nic.ts';
import {probeInNamespace} from '../../../support/namespace-probe.ts';

const PREPARE = `
ip link set lo up
ip link add eth0 type veth peer name eth1
ip link add br0 type bridge
ip link set eth1 master br0
ip tuntap add tap0 mode tap
for nic in br0 eth0 eth1 tap0; do ip link set $nic addrgenmode none; done
ip link set eth0 mtu 1400 up; ip link set eth1 up
until [ "$(cat /sys/class/net/eth0/operstate)" = up ]; do sleep 0.01; done
ip addr add 192.0.2.5/24 dev eth0
ip addr add 198.51.100.1 peer 198.51.100.2/32 dev eth0
ip -6 addr add 2001:db8:0:0:1::5/64 dev eth0 nodad
ip route add default via 192.0.2.1
ip route add 203.0.113.0/25 via 192.0.2.9 metric 77
ip route add default via 192.0.2.2 table 9
ip -6 route add default via 2001:db8:0:0:1::1
tc qdisc replace dev eth0 root pfifo limit 100
`;

const FACTS = [nics, network, bindings];

const sorted = (rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(row)).toSorted();

const ordered = ({family, to, via, interface: name, metric}: Route) => ({family, to, via, name, metric});

const byName = (all: readonly Nic[], name: string): Nic | undefined => all.find((nic) => nic.name === name);

for (const shell of ['dash', 'bash --posix', 'busybox sh']) {
  test(`a namespace's interfaces by ${shell}`, (t) => {
    const frames = probeInNamespace(FACTS, {shell, prepare: PREPARE});
    t.true(frames.complete);
    const found = nics.parse(frames);
    t.deepEqual(
      found.map(({name, kind}) => `${name} ${kind}`),
      ['br0 bridge', 'eth0 veth', 'eth1 veth', 'lo loopback', 'tap0 tun'],
    );
    const eth0 = byName(found, 'eth0');
    t.like(eth0, {driver: 'veth', mtu: 1400, adminUp: true, carrier: true, operstate: 'up', qdisc: 'pfifo', irqs: []});
    t.deepEqual(eth0?.rings, {unknown: 'not asked: no device behind it'});
    t.like(eth0?.features, {'generic-receive-offload': {fixed: false}, 'tx-vlan-offload': {on: true}});
    t.deepEqual(eth0?.rxQueues[0], {index: 0, rps: [], rpsFlowCount: 0});
    t.deepEqual(byName(found, 'eth1')?.upper, ['br0']);
    t.deepEqual(byName(found, 'br0')?.lower, ['eth1']);
    t.false('speedMbps' in (eth0 ?? {}));
  });
}

test('addresses and routes by ip', (t) => {
  const {addresses, routes} = network.parse(probeInNamespace([network], {prepare: PREPARE}));
  const own = addresses.filter((one) => one.interface === 'eth0');
  t.deepEqual(own.map(({address, prefix}) => `${address}/${String(prefix)}`).toSorted(), [
    '192.0.2.5/24',
    '198.51.100.1/32',
    '2001:db8::1:0:0:5/64',
  ]);
  t.deepEqual(
    routes.filter(({to}) => to === 'default').map(({family, via, table}) => [family, via, table]),
    [
      [4, '192.0.2.2', '9'],
      [4, '192.0.2.1', 'main'],
      [6, '2001:db8::1:0:0:1', 'main'],
    ],
  );
  t.deepEqual(
    routes.find(({to}) => to === '203.0.113.0/25'),
    {family: 4, to: '203.0.113.0/25', via: '192.0.2.9', interface: 'eth0', table: 'main', metric: 77},
  );
});

test('without ip, /proc/net says the same of the main table', (t) => {
  // A peer's address has no connected route of its own prefix: fib_trie alone cannot place it.
  const prepare = `${PREPARE}
ip addr del 198.51.100.1 peer 198.51.100.2/32 dev eth0
mkdir /mnt/bin; for c in cat grep sed; do ln -s "$(command -v $c)" /mnt/bin/$c; done`;
  const byIp = network.parse(probeInNamespace([network], {prepare}));
  const byProc = network.parse(probeInNamespace([network], {prepare, path: '/mnt/bin'}));
  t.deepEqual(sorted(byProc.addresses), sorted(byIp.addresses));
  const main = byIp.routes.filter(({table}) => table === 'main');
  t.deepEqual(sorted(byProc.routes.map(ordered)), sorted(main.map(ordered)));
});

test('without ethtool and ip: sysfs still tells, and the reason stands where it does not', (t) => {
  const prepare = `${PREPARE}
mkdir /mnt/bin; for c in cat grep sed; do ln -s "$(command -v $c)" /mnt/bin/$c; done`;
  const found = nics.parse(probeInNamespace([nics], {prepare, path: '/mnt/bin'}));
  t.deepEqual(
    found.map(({name, kind}) => `${name} ${kind}`),
    ['br0 bridge', 'eth0 veth', 'eth1 veth', 'lo loopback', 'tap0 tun'],
  );
  t.deepEqual(byName(found, 'eth0')?.features, {unknown: 'ethtool is not installed'});
});

test('names that look like options and patterns are names', (t) => {
  const prepare = `
ip link add name -dash type veth peer name 'st*r'
ip link add name 'q"$x' type veth peer name 'a@b'`;
  const found = nics.parse(probeInNamespace([nics], {prepare}));
  t.deepEqual(found.map(({name}) => name).toSorted(), ['-dash', 'a@b', 'lo', 'q"$x', 'st*r'].toSorted());
  t.true(found.every(({name, kind, mtu}) => name === 'lo' || (kind === 'veth' && mtu === 1500)));
  t.deepEqual(byName(found, '-dash')?.features, {unknown: 'not asked: ethtool would not take its name for a name'});
  t.like(byName(found, 'st*r')?.features, {'tx-vlan-offload': {fixed: false}});
  t.is(byName(found, 'a@b')?.maxMtu, byName(found, 'q"$x')?.maxMtu);
});

test('a host with many virtual interfaces is not asked about each', (t) => {
  const prepare = 'i=0; while [ $i -lt 20 ]; do ip link add a$i type veth peer name b$i; i=$((i + 1)); done';
  const frames = probeInNamespace([nics], {prepare});
  const found = nics.parse(frames);
  t.is(found.length, 41);
  t.deepEqual(byName(found, 'b7')?.features, {unknown: 'not asked: more than 32 virtual interfaces'});
  t.false([...frames.runs.keys()].some((name) => name.startsWith('ethtool ')));
});

test('a root without /sys has no interfaces, and is no error', (t) => {
  const frames = probeInNamespace(FACTS, {prepare: 'mkdir -p /mnt/root/etc', root: '/mnt/root'});
  t.true(frames.complete);
  t.deepEqual(nics.parse(frames), []);
  t.deepEqual(bindings.parse(frames), []);
  t.deepEqual(network.parse(frames), {addresses: [], routes: []});
  t.is(frames.runs.size, 0, 'no command runs for a root directory');
});
