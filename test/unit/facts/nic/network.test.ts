import test from 'ava';
import fc from 'fast-check';
import {compressV6} from '../../../../engine/facts/network-proc.ts';
import {network} from '../../../../engine/facts/network-facts.ts';
import {framesOf} from '../../../support/host-frames.ts';

const routesOf = (v4: string, v6 = '') =>
  network.parse(framesOf({runs: {'ip addr': '', 'ip -4 route': v4, 'ip -6 route': v6}})).routes;

test('every next hop of a multipath route is a route', (t) => {
  const text =
    'default proto static metric 100 \\\tnexthop via 192.0.2.1 dev eth0 weight 1 \\\tnexthop via 192.0.2.9 dev eth1 weight 1 ';
  t.deepEqual(routesOf(text), [
    {family: 4, to: 'default', via: '192.0.2.1', interface: 'eth0', table: 'main', metric: 100},
    {family: 4, to: 'default', via: '192.0.2.9', interface: 'eth1', table: 'main', metric: 100},
  ]);
});

test('routes of a VRF, over the other family, without a gateway, to nowhere', (t) => {
  const text = [
    'unreachable default table 77 metric 4278198272',
    'default via inet6 fe80::1 dev eth0 table 77',
    'default dev wg0 scope link',
    '203.0.113.7 via 192.0.2.1 dev eth0',
  ].join('\n');
  t.deepEqual(routesOf(text), [
    {family: 4, to: 'default', via: 'fe80::1', interface: 'eth0', table: '77'},
    {family: 4, to: 'default', interface: 'wg0', table: 'main'},
    {family: 4, to: '203.0.113.7', via: '192.0.2.1', interface: 'eth0', table: 'main'},
  ]);
  t.deepEqual(routesOf('', 'default dev wg0 metric 1024 pref medium'), [
    {family: 6, to: 'default', interface: 'wg0', table: 'main', metric: 1024},
  ]);
});

test('what is no route is none', (t) => {
  t.deepEqual(routesOf('ip: unrecognized option\nCannot open netlink socket: Permission denied'), []);
});

const rootOf = (mount: string, more: {links?: Record<string, string>; files?: Record<string, string>} = {}) =>
  network.parse(framesOf({runs: {'root mount': mount}, ...more})).networkRoot;

const on = (numbers: string, source = '/dev/root'): string =>
  `24 1 ${numbers} / / rw,relatime shared:1 - ext4 ${source} rw`;

test('a root over the network', (t) => {
  t.deepEqual(rootOf('24 1 0:21 / / rw - nfs4 10.0.0.7:/srv/root rw,vers=4.2,addr=10.0.0.7'), {
    kind: 'nfs',
    server: '10.0.0.7',
  });
  t.deepEqual(rootOf('24 1 0:21 / / rw - nfs [2001:db8::7]:/srv rw'), {kind: 'nfs', server: '2001:db8::7'});
  t.deepEqual(
    rootOf(on('8:2'), {
      links: {'/sys/dev/block/8:2': '/sys/devices/platform/host3/session2/target3:0:0/3:0:0:1/block/sda/sda2'},
      files: {
        '/sys/class/iscsi_connection/connection1:0/address': '10.0.0.8',
        '/sys/class/iscsi_connection/connection2:0/address': '10.0.0.9',
      },
    }),
    {kind: 'iscsi', server: '10.0.0.9'},
  );
  t.deepEqual(rootOf(on('43:0'), {links: {'/sys/dev/block/43:0': '/sys/devices/virtual/block/nbd0'}}), {kind: 'nbd'});
});

test('a root on LVM over iSCSI, and on NVMe over TCP', (t) => {
  const links = {
    '/sys/dev/block/253:0': '/sys/devices/virtual/block/dm-0',
    '/sys/dev/block/253:0/slaves/sda3': '/sys/devices/platform/host3/session7/target3:0:0/3:0:0:1/block/sda/sda3',
  };
  t.deepEqual(rootOf(on('253:0'), {links}), {kind: 'iscsi'});
  const nvme = '/sys/dev/block/259:1/../device/nvme0';
  t.deepEqual(
    rootOf(on('259:1'), {
      links: {'/sys/dev/block/259:1': '/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nvme0n1p1'},
      files: {[`${nvme}/transport`]: 'tcp', [`${nvme}/address`]: 'traddr=10.0.0.9,trsvcid=4420,src_addr=10.0.0.2'},
    }),
    {kind: 'nvme-tcp', server: '10.0.0.9'},
  );
});

test('a root on btrfs has no device number: its source is looked up', (t) => {
  const links = {'/sys/class/block/nbd0p2': '/sys/devices/virtual/block/nbd0/nbd0p2'};
  t.deepEqual(rootOf(on('0:25', '/dev/nbd0p2'), {links}), {kind: 'nbd'});
});

test('a local root is none, whatever other disks hang on', (t) => {
  const links = {
    '/sys/dev/block/8:2': '/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/block/sda/sda2',
    '/sys/dev/block/8:33': '/sys/devices/platform/host3/session1/target3:0:0/3:0:0:1/block/sdc/sdc1',
  };
  t.is(rootOf(on('8:2'), {links}), undefined);
  t.is(rootOf(on('259:1'), {files: {'/sys/dev/block/259:1/../device/transport': 'pcie'}}), undefined);
  t.is(rootOf('24 1 0:21 / / rw - overlay overlay rw'), undefined);
  t.is(rootOf(''), undefined);
});

test('IPv6 addresses are printed as URL parsers print them', (t) => {
  const group = fc.oneof(fc.constant(0), fc.integer({min: 0, max: 0xffff}));
  fc.assert(
    fc.property(fc.array(group, {minLength: 8, maxLength: 8}), (groups) => {
      const hex = groups.map((value) => value.toString(16).padStart(4, '0')).join('');
      const full = groups.map((value) => value.toString(16)).join(':');
      t.is(`[${compressV6(hex)}]`, new URL(`http://[${full}]/`).hostname);
    }),
  );
});
