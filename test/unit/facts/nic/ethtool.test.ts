import test from 'ava';
import {answersOf} from '../../../../engine/facts/ethtool/answers.ts';
import {isUnknown, known} from '../../../../engine/model/known.ts';
import {ethtoolFixture, framesOf} from '../../../support/host-frames.ts';

const asked = (fixture: string, nic: string) =>
  answersOf(framesOf({runs: ethtoolFixture(fixture)}), nic, () => 'not read');

const spread = (rings: number, slots: number): readonly number[] =>
  Array.from({length: slots}, (_, slot) => slot % rings);

test('ethtool 4.8 by ioctl prints 0 for what a driver lacks', (t) => {
  const {identity, permanentMac, settings} = asked('4.8-ixgbe', 'ens1f0');
  t.deepEqual(identity, {driver: 'ixgbe', version: '4.4.0-k-rh7.4', firmware: '0x800003df'});
  t.is(permanentMac, '90:e2:ba:00:00:01');
  t.deepEqual(settings.rings, {now: {rx: 512, tx: 512}, max: {rx: 4096, tx: 4096}});
  t.deepEqual(settings.channels, {now: {other: 1, combined: 16}, max: {other: 1, combined: 63}});
  t.like(settings.coalesce, {'adaptive-rx': false, 'rx-usecs': 1, 'tx-frames-irq': 256, 'rx-frames-high': 0});
  t.deepEqual(settings.rss, {slots: spread(16, 128), keyBytes: 40, functions: []});
  t.deepEqual(settings.pause, {autonegotiate: true, rx: true, tx: true});
  t.deepEqual(settings.privateFlags, {'vf-ipsec': false});
  t.is(settings.ntupleRules, 0);
});

test('features: fixed, requested, and a complaint between them', (t) => {
  const features = known(asked('4.8-ixgbe', 'ens1f0').settings.features) ?? {};
  t.deepEqual(features['tx-checksum-ipv4'], {on: false, fixed: true});
  t.deepEqual(features['tx-tcp-mangleid-segmentation'], {on: false, fixed: false, requested: true});
  t.deepEqual(features['rx-udp_tunnel-port-offload'], {on: true, fixed: false});
  t.is(Object.keys(features).length, 14);
});

test('ethtool 5.4: hash functions, rules, private flags in a column', (t) => {
  const {identity, settings} = asked('5.4-mlx5', 'enp59s0f0');
  t.is(identity.firmware, '16.31.1014 (MT_0000000080)');
  t.deepEqual(settings.rss, {slots: spread(12, 128), keyBytes: 40, functions: ['toeplitz']});
  t.is(settings.ntupleRules, 2);
  t.like(settings.privateFlags, {rx_cqe_moder: true, rx_no_csum_complete: false, xdp_tx_mpwqe: true});
  t.deepEqual(settings.features, {unknown: 'not read'});
});

test('ethtool 6.1 by netlink: n/a is absent, refusals keep their reason', (t) => {
  const {settings} = asked('6.1-ena', 'ens5');
  t.deepEqual(settings.rings, {now: {rx: 1024, tx: 1024}, max: {rx: 16384, tx: 1024}});
  t.deepEqual(settings.channels, {now: {combined: 8}, max: {combined: 8}});
  t.deepEqual(settings.coalesce, {'adaptive-rx': true, 'rx-usecs': 20, 'tx-usecs': 64});
  t.deepEqual(settings.rss, {slots: spread(8, 128), keyBytes: 0, functions: ['toeplitz']});
  t.deepEqual(settings.ntupleRules, {unknown: 'Operation not supported'});
  t.deepEqual(settings.pause, {unknown: 'Operation not supported'});
  t.deepEqual(settings.privateFlags, {}, 'the driver says that it has none');
});

test('ethtool 6.14: tabs, push buffers, input transformations that are no hash function', (t) => {
  const {settings} = asked('6.14-ice', 'ens2f1np1');
  t.deepEqual(settings.rings, {
    now: {rx: 2048, tx: 256, txPushBufLen: 96},
    max: {rx: 8160, tx: 8160, txPushBufLen: 224},
  });
  t.deepEqual(settings.channels, {
    now: {rx: 0, tx: 0, other: 1, combined: 64},
    max: {rx: 64, tx: 64, other: 1, combined: 64},
  });
  t.deepEqual(settings.coalesce, {
    'adaptive-rx': true,
    'adaptive-tx': true,
    'cqe-mode-rx': false,
    'cqe-mode-tx': true,
    'rx-usecs': 50,
    'rx-usecs-high': 236,
    'tx-usecs': 50,
  });
  t.deepEqual(settings.rss, {slots: spread(64, 512), keyBytes: 52, functions: ['toeplitz']});
  t.deepEqual(settings.pause, {autonegotiate: true, rx: false, tx: false});
});

test('-x without support ends with 0, and a header alone is no answer', (t) => {
  const {identity, permanentMac, settings} = asked('6.1-virtio', 'bond0.1384@bond0');
  t.is(identity.firmware, '');
  t.is(permanentMac, undefined);
  t.deepEqual(settings.rss, {unknown: 'Operation not supported'});
  t.true(isUnknown(settings.coalesce));
  t.deepEqual(settings.pause, {autonegotiate: true, rx: false, tx: false});
  t.deepEqual(settings.privateFlags, {});
});

test('half a redirection table is no table', (t) => {
  const rows = '    0:      0     1\n   16:      0     1';
  const frames = framesOf({runs: {'ethtool -x e': `RX flow hash indirection table for e with 2 RX ring(s):\n${rows}`}});
  t.true(isUnknown(answersOf(frames, 'e', () => 'not read').settings.rss));
});

test('control characters of a host never stand in a reason', (t) => {
  const frames = framesOf({runs: {'ethtool -g e': 'netlink error: \u001b[31mOperation not supported'}});
  t.deepEqual(answersOf(frames, 'e', () => 'not read').settings.rings, {
    unknown: '\\x1b[31mOperation not supported',
  });
});

test('names that every object has are names like others', (t) => {
  const frames = framesOf({
    runs: {
      'ethtool -k e': '__proto__: on\nconstructor: off [fixed]',
      'ethtool -g e': 'Pre-set maximums:\nconstructor: 5\nRX: 9\nCurrent hardware settings:\n__proto__: 5\nRX: 9',
      'ethtool --show-priv-flags e': '__proto__: on',
    },
  });
  const {settings} = answersOf(frames, 'e', () => 'not read');
  t.deepEqual(Object.entries(known(settings.features) ?? {}), [
    ['__proto__', {on: true, fixed: false}],
    ['constructor', {on: false, fixed: true}],
  ]);
  t.deepEqual(settings.rings, {now: {rx: 9}, max: {rx: 9}});
  t.deepEqual(Object.keys(known(settings.privateFlags) ?? {}), ['__proto__']);
});
