import test from 'ava';
import {EVIDENCE_END, evidence} from '../../../engine/facts/evidence.ts';
import {framesOf} from '../../support/host-frames.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree} from '../../support/text-tree.ts';

const NETSTAT = (overflows: number, drops: number): string =>
  `TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 ${String(overflows)} ${String(drops)}\nIpExt: InNoRoutes\nIpExt: 7`;

test('counters of two samples, summed over CPUs', (t) => {
  const found = evidence.parse(
    framesOf({
      files: {
        '/first/proc/uptime': '100.10 7.00',
        '/last/proc/uptime': '100.35 7.20',
        '/first/proc/net/softnet_stat': '0000000a 00000001 00000000 00000000\n000000ff 00000000 00000002 00000000',
        '/last/proc/net/softnet_stat': '0000000b 00000003 00000000 00000000\n00000100 00000000 00000012 00000000',
        '/first/proc/net/netstat': NETSTAT(5, 6),
        '/last/proc/net/netstat': NETSTAT(8, 9),
        '/first/proc/net/snmp': 'Ip: A\nIp: 1\nTcp: RtoAlgorithm RetransSegs\nTcp: 1 40',
        '/last/proc/net/snmp': 'Ip: A\nIp: 1\nTcp: RtoAlgorithm RetransSegs\nTcp: 1 44',
        '/first/sys/class/net/eth0.5/statistics/rx_dropped': '1',
        '/last/sys/class/net/eth0.5/statistics/rx_dropped': '9007199254740991',
        '/first/sys/class/net/gone/statistics/rx_dropped': '1',
        '/last/proc/sys/net/netfilter/nf_conntrack_count': '12',
        '/last/proc/sys/net/netfilter/nf_conntrack_max': '262144',
      },
    }),
  );
  t.deepEqual(found, {
    seconds: 0.25,
    softnet: {
      processed: {first: 265, last: 267},
      dropped: {first: 1, last: 3},
      timeSqueeze: {first: 2, last: 18},
    },
    nics: {'eth0.5': {rx_dropped: {first: 1, last: Number.MAX_SAFE_INTEGER}}},
    listenOverflows: {first: 5, last: 8},
    listenDrops: {first: 6, last: 9},
    tcpRetransmits: {first: 40, last: 44},
    conntrack: {count: 12, max: 262_144},
  });
});

test('a host that tells nothing has no evidence', (t) => {
  const none = {first: 0, last: 0};
  t.deepEqual(evidence.parse(framesOf({})), {
    seconds: 0,
    softnet: {processed: none, dropped: none, timeSqueeze: none},
    nics: {},
  });
});

test('the two samples of a probe enclose what happens between, and leave out interfaces without a device', (t) => {
  const tree = `==> /proc/uptime
5.00 1.00
==> /sys/class/net/eth0/device/
==> /sys/class/net/eth0/statistics/rx_missed_errors
7
==> /sys/class/net/veth0/statistics/rx_missed_errors
9
`;
  const between = {
    ...evidence,
    script: () => `echo 8 >"$R/sys/class/net/eth0/statistics/rx_missed_errors"\n${EVIDENCE_END}`,
  };
  const found = evidence.parse(probeInNamespace([evidence, between], {prepare: plantTree(tree), root: '/mnt'}));
  t.deepEqual(found.nics, {eth0: {rx_missed_errors: {first: 7, last: 8}}});
});
