import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Route} from '../../../engine/facts/network.ts';
import type {Nic} from '../../../engine/facts/nic.ts';
import {managementPath} from '../../../engine/plan/management-path.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';

let irqs = 100;
const nic = (name: string, given: Partial<Nic> = {}): Nic => {
  const made = exampleNic({
    name,
    firstIrq: (irqs += 100),
    mac: `02:00:00:00:00:${name.slice(-2).padStart(2, '0')}`,
    ...given,
  });
  if (made.kind === 'physical' || made.kind === 'virtual-function' || made.kind === 'paravirtual') return made;
  const {pci: _pci, ...rest} = made;
  return rest;
};

const route = (name: string, to = 'default', table = 'main'): Route => ({family: 4, to, interface: name, table});

const facts = (nics: readonly Nic[], routes: readonly Route[], given: Partial<Facts> = {}, address?: string): Facts => {
  const base = exampleFacts({nics, ...given});
  const addresses = given.network?.addresses ?? [];
  const sshConnection = address === undefined ? undefined : {clientAddress: '192.0.2.9', serverAddress: address};
  return {
    ...base,
    os: {...base.os, ...(sshConnection ? {sshConnection} : {})},
    network: {...base.network, addresses, routes},
  };
};

test('a VLAN on a bond leads down to the bond’s members, not to other NICs', (t) => {
  const nics = [
    nic('ens2'),
    nic('ens1f0', {upper: ['bond0']}),
    nic('ens1f1', {upper: ['bond0']}),
    nic('bond0', {
      kind: 'bond',
      lower: ['ens1f0', 'ens1f1'],
      upper: ['bond0.5'],
      bond: {
        mode: 'active-backup',
        members: [
          {name: 'ens1f0', miiUp: true},
          {name: 'ens1f1', miiUp: true},
        ],
      },
    }),
    nic('bond0.5', {kind: 'vlan', lower: ['bond0'], vlanId: 5}),
  ];
  t.deepEqual(managementPath(facts(nics, [route('bond0.5')])), ['bond0.5', 'bond0', 'ens1f0', 'ens1f1']);
});

test('the address that SSH came in by counts beside the default route, also mapped and scoped', (t) => {
  const nics = [nic('eth0'), nic('eth1'), nic('eth2')];
  const network = {
    addresses: [
      {interface: 'eth1', family: 4 as const, address: '10.0.0.5', prefix: 24},
      {interface: 'eth2', family: 6 as const, address: 'fe80::1', prefix: 64},
    ],
    routes: [],
  };
  const by = (address: string): readonly string[] => managementPath(facts(nics, [route('eth0')], {network}, address));
  t.deepEqual(by('10.0.0.5'), ['eth0', 'eth1']);
  t.deepEqual(by('::ffff:10.0.0.5'), ['eth0', 'eth1']);
  t.deepEqual(by('fe80::1%eth2'), ['eth0', 'eth2']);
  t.deepEqual(by('203.0.113.7'), ['eth0']);
});

test('default routes of every table count, and a VRF’s members', (t) => {
  const nics = [nic('eth0'), nic('eth1', {upper: ['mgmt']}), nic('mgmt', {kind: 'vrf', lower: ['eth1']})];
  t.deepEqual(managementPath(facts(nics, [route('eth0'), route('mgmt', 'default', '10')])), ['eth0', 'mgmt', 'eth1']);
});

test('a bridge leads to its ports, a netvsc interface to the VF with its MAC', (t) => {
  const bridge = [nic('br0', {kind: 'bridge', lower: ['eth0']}), nic('eth0', {upper: ['br0']}), nic('eth1')];
  t.deepEqual(managementPath(facts(bridge, [route('br0')])), ['br0', 'eth0']);
  const azure = [
    nic('eth0', {kind: 'paravirtual', driver: 'hv_netvsc', mac: '00:0d:3a:00:00:01'}),
    nic('enP1s1', {kind: 'virtual-function', driver: 'mlx5_core', mac: '00:0d:3a:00:00:01'}),
  ];
  t.deepEqual(managementPath(facts(azure, [route('eth0')])), ['eth0', 'enP1s1']);
});

test('ports of one PCI function go together', (t) => {
  const [a, b] = [nic('eth0', {driver: 'mlx4_en'}), nic('eth1', {driver: 'mlx4_en'})];
  const shared = [a, {...b, ...(a.pci ? {pci: a.pci} : {})}];
  t.deepEqual(managementPath(facts(shared, [route('eth0')])), ['eth0', 'eth1']);
});

test('a root file system over the network counts by its most specific route', (t) => {
  const nics = [nic('eth0'), nic('eth1'), nic('eth2')];
  const base = facts(nics, [route('eth0'), route('eth1', '10.20.0.0/16'), route('eth2', '10.20.30.0/24')]);
  const rooted = {...base, network: {...base.network, networkRoot: {kind: 'nfs', server: '10.20.30.40'}}};
  t.deepEqual(managementPath(rooted), ['eth0', 'eth2']);
});

test('loopback and a host without routes lead nowhere; cycles end', (t) => {
  t.deepEqual(managementPath(facts([nic('lo', {kind: 'loopback'})], [route('lo')])), []);
  t.deepEqual(managementPath(facts([nic('eth0')], [])), []);
  const cycle = [nic('a0', {kind: 'bridge', lower: ['b0']}), nic('b0', {kind: 'bridge', lower: ['a0']})];
  t.deepEqual(managementPath(facts(cycle, [route('a0')])), ['a0', 'b0']);
});
