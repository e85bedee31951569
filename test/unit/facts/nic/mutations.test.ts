import test from 'ava';
import fc from 'fast-check';
import {bindings} from '../../../../engine/facts/driver-bindings.ts';
import {parseFrames} from '../../../../engine/facts/frames.ts';
import {network} from '../../../../engine/facts/network-facts.ts';
import {nics} from '../../../../engine/facts/nic-facts.ts';
import {isUnknown} from '../../../../engine/model/known.ts';
import {ethtoolFixture} from '../../../support/host-frames.ts';

const FIXTURES = ['4.8-ixgbe ens1f0', '5.4-mlx5 enp59s0f0', '6.1-ena ens5', '6.14-ice ens2f1np1'].map((line) =>
  line.split(' '),
);

/** A probe's stream of one interface, as the shell would print it. */
const streamOf = (fixture: string, nic: string): string => {
  const runs = Object.entries(ethtoolFixture(fixture)).map(([name, text]) => `T run 0 ${name}\n${text.trimEnd()}\n`);
  return [
    `T start\nT list /sys/class/net\n${nic}\n`,
    `T many /sys\nclass/net/${nic}/ifindex:2\nclass/net/${nic}/mtu:1500\ngrep: class/net/${nic}/speed: Invalid argument\n`,
    `T many /sys/class/net/${nic}\nqueues/rx-0/rps_cpus:00000000,0000000f\nqueues/tx-0/xps_cpus:01\n`,
    `T link /sys/class/net/${nic}/device\n/sys/devices/pci0000:00/0000:00:05.0\n`,
    `T link /sys/class/net/${nic}/device/driver\n/sys/bus/pci/drivers/ena\n`,
    `T list /sys/class/net/${nic}/device/msi_irqs\n31\n32\n`,
    `T many /sys/kernel/irq\n31/actions:${nic}-Tx-Rx-0\n32/actions:${nic}-Tx-Rx-1\n`,
    `T many /proc/irq\n31/smp_affinity_list:0-3\n31/affinity_hint:0000000f\n`,
    ...runs,
    `T run 0 ip link\n2: ${nic}: <UP> mtu 1500 qdisc mq state UP\n    link/ether 02:00:00:00:00:05 brd ff maxmtu 9216\n`,
    `T run 0 ip addr\n2: ${nic}    inet 192.0.2.5/24 scope global ${nic}\n`,
    `T run 0 ip -4 route\ndefault via 192.0.2.1 dev ${nic} metric 100\n`,
    `T run 0 root mount\n24 1 0:21 / / rw - nfs4 10.0.0.7:/srv rw\n`,
    `T file /sys/bus/pci/devices/0000:00:06.0/class\n0x020000\nT end\n`,
  ].join('');
};

// What the probe prints where there is no ip.
const PROC = `T start
T file /proc/net/route
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
T file /proc/net/fib_trie
Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 192.0.2.5
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
T file /proc/net/if_inet6
fd000000000000000000000000000002 04 40 00 80     eth0
T file /proc/net/ipv6_route
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
T end
`;

const STREAMS = [...FIXTURES.map(([fixture = '', nic = '']) => streamOf(fixture, nic)), PROC];

test('the streams that are mutated are whole: every setting of them is read', (t) => {
  for (const stream of STREAMS.slice(0, -1)) {
    const frames = parseFrames(stream, 'T');
    const [nic] = nics.parse(frames);
    t.false(isUnknown(nic?.rings));
    t.false(isUnknown(nic?.rss));
    t.is(nic?.irqs.length, 2);
    t.is(network.parse(frames).networkRoot?.kind, 'nfs');
    t.is(bindings.parse(frames).length, 1);
  }
  const {addresses, routes} = network.parse(parseFrames(PROC, 'T'));
  t.is(addresses.length, 3);
  t.is(routes.length, 3);
});

type Edit = {at: number; cut: number; insert: string};

const edit = fc.record({
  at: fc.nat(20_000),
  cut: fc.nat(40),
  insert: fc.oneof(
    fc.string(),
    fc.constantFrom('\n', '\nT ', '\u001b[2J', ': ', '99999999999999999999', '-1', '4294967295'),
  ),
});

const apply = (text: string, {at, cut, insert}: Edit): string => {
  const place = at % text.length;
  return text.slice(0, place) + insert + text.slice(place + cut);
};

test('no mutation of a stream makes a parser throw, and what it answers is plain JSON', (t) => {
  const mutated = fc
    .tuple(fc.constantFrom(...STREAMS), fc.array(edit, {minLength: 1, maxLength: 12}))
    .map(([stream, edits]) => edits.reduce(apply, stream));
  fc.assert(
    fc.property(mutated, (stream) => {
      const frames = parseFrames(stream, 'T');
      const value = {nics: nics.parse(frames), network: network.parse(frames), bindings: bindings.parse(frames)};
      t.deepEqual(JSON.parse(JSON.stringify(value)), value);
    }),
    {numRuns: 300},
  );
});

test('no vector of a mutated host serves a queue that another one serves in the same role', (t) => {
  const actions = fc.uniqueArray(
    fc.constantFrom('Tx-Rx', 'TxRx', 'rx').chain((word) => fc.nat(9).map((n) => `e-${word}-${String(n)}`)),
  );
  fc.assert(
    fc.property(actions, (names) => {
      const irqs = names.map((name, index) => `${String(index + 30)}/actions:${name}\n`).join('');
      const list = names.map((_, index) => `${String(index + 30)}\n`).join('');
      const stream = `T start
T list /sys/class/net
e
T many /sys
class/net/e/ifindex:2
T link /sys/class/net/e/device
/sys/devices/pci0000:00/0000:00:05.0
T link /sys/class/net/e/device/driver
/sys/bus/pci/drivers/ena
T list /sys/class/net/e/device/msi_irqs
${list}T many /sys/kernel/irq
${irqs}T end
`;
      const served = (nics.parse(parseFrames(stream, 'T'))[0]?.irqs ?? [])
        .filter(({queue}) => queue !== undefined)
        .map(({role, queue}) => `${role} ${String(queue)}`);
      t.is(new Set(served).size, served.length);
      t.is(served.length, names.filter((name) => name.includes('Tx-Rx')).length);
    }),
  );
});
