import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Boot, Held} from '../../../engine/model/setting.ts';
import {vectorNames} from '../../../engine/resources/lookup.ts';
import {nic} from '../../../engine/resources/nic.ts';
import {greatest, isBelow, sameWords} from '../../../engine/resources/values.ts';
import {exampleFacts, exampleNic, type NicShape} from '../../support/facts.ts';

const facts = (shape: NicShape = {}, files: Facts['services']['files'] = []): Facts =>
  exampleFacts({nics: [exampleNic(shape)], services: {services: [], files}});

const live = (attribute: string, shape: NicShape = {}): Held => nic.live(facts(shape), `ens1f0 ${attribute}`);
const boot = (attribute: string, ...files: Facts['services']['files'][number][]): Boot =>
  nic.boot(facts({}, files), `ens1f0 ${attribute}`);
const limit = (attribute: string, want: string, shape: NicShape = {}): unknown =>
  nic.limit?.(facts(shape), `ens1f0 ${attribute}`, want);

test('attributes hold what ethtool and sysfs tell; what a driver does not have is unsupported', (t) => {
  t.deepEqual(live('ring.rx'), {value: '2048'});
  t.deepEqual(live('ring.rx-jumbo'), 'unsupported');
  t.deepEqual(live('channels.combined'), {value: '4'});
  t.deepEqual(live('coalesce.adaptive-rx'), {value: 'on'});
  t.deepEqual(live('coalesce.rx-usecs'), {value: '50'});
  t.deepEqual(live('feature.large-receive-offload'), {value: 'off'});
  t.deepEqual(live('private.link-down-on-close'), {value: 'off'});
  t.deepEqual(live('pause.rx'), {value: 'off'});
  t.deepEqual(live('threaded'), {value: 'off'});
  t.deepEqual(live('ring.rx', {rings: {unknown: 'Operation not supported'}}), 'unsupported');
  t.deepEqual(live('ring.rx', {rings: {unknown: 'ethtool: not found'}}), {unreadable: 'ethtool: not found'});
  t.deepEqual(nic.live(facts(), 'nowhere ring.rx'), 'absent');
});

test('rings: cut to the maximum, rounded as each driver rounds, and said', (t) => {
  const rings = {now: {rx: 1024}, max: {rx: 16_384}};
  t.deepEqual(limit('ring.rx', 'max', {rings}), {want: '16384'});
  t.deepEqual(limit('ring.rx', '3000', {rings, driver: 'ena'}), {
    want: '2048',
    limit: 'asked for 3000, ena rounds down to a power of two',
  });
  t.deepEqual(limit('ring.rx', '3000', {rings, driver: 'mlx5_core'}), {
    want: '4096',
    limit: 'asked for 3000, mlx5_core rounds up to a power of two',
  });
  t.deepEqual(limit('ring.rx', '1000', {rings}), {
    want: '1024',
    limit: 'asked for 1000, ice rounds up to a multiple of 32',
  });
  t.deepEqual(limit('ring.rx', '1000', {rings, driver: 'bnxt_en'}), {want: '1000'});
  t.deepEqual(limit('mtu', '9900'), {want: '9702', limit: "asked for 9900, the NIC's maximum is 9702"});
  t.deepEqual(limit('feature.x', 'true'), {want: 'on'});
});

test('what a change disturbs depends on the attribute and the driver', (t) => {
  const effect = (attribute: string, driver = 'ice'): string => nic.effect(facts({driver}), `ens1f0 ${attribute}`);
  t.is(effect('ring.rx'), 'link-flap');
  t.is(effect('channels.combined'), 'link-flap');
  t.is(effect('channels.combined', 'virtio_net'), 'live');
  t.is(effect('coalesce.rx-usecs'), 'live');
  t.is(effect('feature.large-receive-offload'), 'link-flap');
  t.is(effect('feature.generic-receive-offload'), 'live');
  t.is(effect('feature.ntuple-filters'), 'live');
  t.is(effect('feature.ntuple-filters', 'ixgbe'), 'link-flap');
  t.is(effect('mtu'), 'link-flap');
});

const link = (path: string, text: string): Facts['services']['files'][number] => ({path, kind: 'link', text});

test('.link files: the first that matches in order of names, /etc before /usr/lib, and no other', (t) => {
  const all = link('/usr/lib/systemd/network/99-default.link', '[Match]\nOriginalName=*\n[Link]\nNamePolicy=kernel');
  const ours = link(
    '/etc/systemd/network/50-ice.link',
    '[Match]\nDriver=i40e ice\n[Link]\nRxBufferSize=max\nMTUBytes=9000\nRxCoalesceSec=100us\nLargeReceiveOffload=no',
  );
  t.deepEqual(boot('ring.rx', all, ours), {held: {value: '8160'}, by: '/etc/systemd/network/50-ice.link:4'});
  t.deepEqual(boot('mtu', all, ours).held, {value: '9000'});
  t.deepEqual(boot('coalesce.rx-usecs', all, ours).held, {value: '100'});
  t.deepEqual(boot('feature.large-receive-offload', all, ours).held, {value: 'off'});
  t.deepEqual(boot('ring.tx', all, ours), {held: 'default'});
  const earlier = link('/usr/lib/systemd/network/10-x.link', '[Match]\nOriginalName=ens*\n[Link]\nTxBufferSize=64');
  t.deepEqual(boot('ring.rx', all, ours, earlier), {held: 'default'});
  const masked = link('/etc/systemd/network/10-x.link', '[Match]\nOriginalName=!ens*\n[Link]\nTxBufferSize=64');
  t.deepEqual(boot('ring.rx', all, ours, earlier, masked).held, {value: '8160'});
  t.deepEqual(boot('ring.rx', {...ours, path: '/etc/systemd/network/50-ice.network'}), {held: 'default'});
});

test('NetworkManager’s profile beats .link, and scripts beat both', (t) => {
  const ours = link('/etc/systemd/network/50.link', '[Match]\nOriginalName=ens1f0\n[Link]\nRxBufferSize=512');
  const profile = {
    path: '/etc/NetworkManager/system-connections/a.nmconnection',
    kind: 'networkmanager' as const,
    text: '[connection]\nid=a\ninterface-name=ens1f0\n[ethtool]\nring-rx=1024\nfeature-gro=false\ncoalesce-adaptive-rx=1',
  };
  const hook = {
    path: '/etc/network/if-up.d/x',
    kind: 'ifupdown' as const,
    text: 'ethtool -G ens1f0 rx 256 tx 128 || true\nethtool -K ens9 gro off',
  };
  t.deepEqual(boot('ring.rx', ours, profile), {held: {value: '1024'}, by: `${profile.path}:5`});
  t.deepEqual(boot('feature.generic-receive-offload', profile, hook).held, {value: 'off'});
  t.deepEqual(boot('coalesce.adaptive-rx', profile).held, {value: 'on'});
  t.deepEqual(boot('ring.rx', ours, profile, hook), {held: {value: '256'}, by: `${hook.path}:1`});
  t.deepEqual(boot('ring.rx', {...profile, text: profile.text.replace('ens1f0', 'ens9')}), {held: 'default'});
});

test('offloads that every driver comes up with are on at the next boot', (t) => {
  t.deepEqual(boot('feature.generic-receive-offload').held, {value: 'on'});
  t.deepEqual(boot('feature.ntuple-filters'), {held: 'default'});
});

test('vectors are named by role and queue; the others by the order of their numbers', (t) => {
  const irqs = exampleNic({queues: 2, vectors: 'split'}).irqs;
  t.deepEqual([...vectorNames(irqs.toReversed()).keys()], ['other-0', 'rx-0', 'tx-0', 'rx-1', 'tx-1']);
});

const vector = fc.array(fc.nat(1_000_000), {minLength: 1, maxLength: 4}).map((numbers) => numbers.join(' '));

test('the greatest of two values is below neither, and is one of both at each place', (t) => {
  fc.assert(
    fc.property(vector, vector, (a, b) => {
      const high = greatest(a, b);
      const places = high.split(' ').every((word, index) => [a.split(' ')[index], b.split(' ')[index]].includes(word));
      return places && !isBelow(high, a) && !isBelow(high, b) && sameWords(greatest(b, a), high);
    }),
  );
  t.is(greatest('65536', 'unlimited'), 'unlimited');
  t.is(greatest('infinity', '7'), 'infinity');
  t.is(greatest('bbr', '7'), '7');
});
