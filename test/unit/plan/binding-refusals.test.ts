import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Nic} from '../../../engine/facts/nic.ts';
import type {Block, Setting} from '../../../engine/model/setting.ts';
import {bindingRefusal} from '../../../engine/plan/binding-refusals.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {withFunctions, type PciFunctionShape} from '../../support/pci-functions.ts';

const ADDRESS = '0000:3b:00.0';

const setting = (want: string): Setting => ({
  id: `driver ${ADDRESS}`,
  live: {value: 'ice'},
  boot: {held: {value: 'kernel'}},
  want,
  pending: ['live', 'boot'],
  why: 'a test',
  source: 'a test',
  from: {layer: 'recipe', at: 'a test'},
  effect: 'link-flap',
  undo: 'exact',
});

const at = (nic: Nic, pci: Partial<NonNullable<Nic['pci']>> = {}): Nic =>
  nic.pci ? {...nic, pci: {...nic.pci, address: ADDRESS, ...pci}} : nic;

const NIC = at(exampleNic({name: 'ens1f0'}));
const ON = {iommu: {on: true, table: 'DMAR'} as const};
const HELD: PciFunctionShape = {driver: 'ice', group: '12', groupType: 'DMA-FQ', pin: 1};

const judged = (want: string, given: Partial<Facts> = {}, shape: PciFunctionShape = HELD): Block | undefined =>
  bindingRefusal(
    withFunctions(exampleFacts({nics: [NIC], ...ON, ...given}), {[ADDRESS]: {wanted: want, ...shape}}),
    setting(want),
  );

const reason = (...given: Parameters<typeof judged>): string | undefined => judged(...given)?.reason;

const network = (given: Partial<Facts['network']>): Partial<Facts> => ({
  network: {addresses: [], routes: [], ...given},
});

test('a NIC that nobody uses may go; other settings are none of its business', (t) => {
  t.is(judged('vfio-pci'), undefined);
  t.is(bindingRefusal(exampleFacts(), {...setting('1'), id: 'sysctl vm/swappiness'}), undefined);
  const there = {...setting('vfio-pci'), pending: ['boot'] as const};
  t.is(bindingRefusal(withFunctions(exampleFacts(), {[ADDRESS]: {driver: 'vfio-pci', user: 7}}), there), undefined);
  const linkLocal = network({
    addresses: [{interface: 'ens1f0', family: 6, address: 'fe80::1', prefix: 64}],
    routes: [{family: 6, to: 'fe80::/64', interface: 'ens1f0', table: 'main'}],
  });
  t.is(judged('vfio-pci', linkLocal), undefined, 'an address that it gave itself');
});

test('a NIC that carries something stays: address, route, bond, virtual functions, XDP, AF_XDP', (t) => {
  const addresses = [{interface: 'ens1f0', family: 4, address: '192.0.2.7', prefix: 24}] as const;
  t.is(
    reason('vfio-pci', network({addresses})),
    'ens1f0 has the address 192.0.2.7/24, which would go with its kernel driver',
  );
  const routes = [{family: 4, to: '198.51.100.0/24', interface: 'ens1f0', table: 'main'}] as const;
  t.regex(reason('vfio-pci', network({routes})) ?? '', /has a route to 198\.51\.100\.0\/24/);
  t.regex(reason('vfio-pci', {nics: [{...NIC, upper: ['bond0']}]}) ?? '', /is part of bond0/);
  t.regex(reason('vfio-pci', {nics: [at(NIC, {vfsEnabled: 4})]}) ?? '', /has 4 virtual functions/);
  t.regex(reason('vfio-pci', {nics: [{...NIC, xdp: {mode: 'drv', program: '12'}}]}) ?? '', /runs the XDP program 12/);
  t.regex(reason('vfio-pci', {nics: [{...NIC, xdpSockets: [1]}]}) ?? '', /carries AF_XDP sockets/);
  t.regex(reason('none', network({addresses})) ?? '', /has the address/, 'nor may it be unbound');
});

test('the management connection is told as such, through VLAN and bond down to the function', (t) => {
  const member = {...NIC, upper: ['bond0']};
  const bond = exampleNic({
    name: 'bond0',
    kind: 'bond',
    lower: ['ens1f0'],
    upper: ['bond0.7'],
    bond: {mode: 'active-backup', members: [{name: 'ens1f0', miiUp: true}]},
  });
  const vlan = exampleNic({name: 'bond0.7', kind: 'vlan', lower: ['bond0'], upper: []});
  const routes = [{family: 4, to: 'default', via: '192.0.2.1', interface: 'bond0.7', table: 'main'}] as const;
  const {pci: _, ...virtual} = vlan;
  const {pci: __, ...bonded} = bond;
  t.is(
    reason('vfio-pci', {nics: [member, bonded, virtual], ...network({routes})}),
    'ens1f0 carries the connection that this host is managed by',
  );
});

test('NVIDIA’s NICs stay with their kernel driver', (t) => {
  const found = judged('vfio-pci', {}, {...HELD, ids: '15b3:101d', driver: 'mlx5_core'});
  t.regex(
    found?.reason ?? '',
    /ConnectX-6 Dx stays with its kernel driver mlx5_core: DPDK's net_mlx5 works through it/,
  );
  t.is(judged('kernel', {}, {...HELD, ids: '15b3:101d', driver: 'vfio-pci'}), undefined, 'they may come back to it');
});

test('a function whose interface is not seen here may be a container’s', (t) => {
  t.regex(reason('vfio-pci', {nics: []}) ?? '', /shows no interface of it here/);
  t.is(
    judged('vfio-pci', {nics: []}, {...HELD, driver: 'idxd', class: '0x088000'}),
    undefined,
    'a DMA engine has none',
  );
});

test('a disk, a bridge or a display is nothing to give away', (t) => {
  for (const other of ['0x010802', '0x060400', '0x030000'])
    t.regex(
      reason('vfio-pci', {nics: []}, {group: '12', class: other}) ?? '',
      /no network function and no accelerator/,
    );
});

test('vfio-pci needs an IOMMU that covers the function', (t) => {
  const open = {driver: 'ice'};
  t.is(reason('vfio-pci', {iommu: {on: false}}, open), 'this host has no IOMMU, which vfio-pci needs');
  t.regex(judged('vfio-pci', {iommu: {on: false}}, open)?.hint ?? '', /vfio-pci-noiommu does without/);
  t.is(reason('vfio-pci', {}, open), 'the IOMMU leaves this function out');
  t.is(judged('vfio-pci', {iommu: {on: false, table: 'IVRS'}}, open), undefined, 'it is on after the next boot');
});

test('all of an IOMMU group goes, or nothing of it', (t) => {
  const members = [
    {address: '0000:3a:00.0', class: '0x060400', driver: 'pcieport'},
    {address: '0000:3b:00.1', driver: 'ice'},
    {address: '0000:3b:00.2'},
    {address: '0000:3b:00.3', driver: 'vfio-pci'},
  ];
  t.is(
    reason('vfio-pci', {}, {...HELD, members}),
    'it shares IOMMU group 12 with 0000:3b:00.1 (ice), which the kernel uses',
  );
  t.is(judged('vfio-pci', {asked: {'driver 0000:3b:00.1': ''}}, {...HELD, members}), undefined, 'it goes too');
});

test('without an IOMMU only where there is none, and by a kernel that can', (t) => {
  const off = {iommu: {on: false}};
  t.is(judged('vfio-pci-noiommu', off, {driver: 'ice', noIommu: 'N'}), undefined);
  t.is(reason('vfio-pci-noiommu', off, {driver: 'ice'}), "this kernel's vfio cannot work without an IOMMU");
  t.is(reason('vfio-pci-noiommu', {}, {...HELD, noIommu: 'N'}), 'an IOMMU is on');
});

test('uio needs a legacy interrupt, memory that user space may map, and addresses that nobody translates', (t) => {
  const identity = {...HELD, groupType: 'identity'};
  t.is(judged('uio_pci_generic', {}, identity), undefined);
  t.regex(reason('uio_pci_generic', {}, {...identity, pin: 0}) ?? '', /needs a legacy interrupt/);
  t.regex(reason('uio_pci_generic', {}, {...identity, virtualFunction: true}) ?? '', /needs a legacy interrupt/);
  t.regex(reason('igb_uio', {}, HELD) ?? '', /the IOMMU translates its addresses/);
  const platform = {...exampleFacts().platform, lockdown: 'integrity' as const};
  t.regex(reason('igb_uio', {platform}, identity) ?? '', /secure boot or lockdown/);
});

test('a driver that is not there, and a function that somebody has open', (t) => {
  t.is(reason('igb_uio', {}, {...HELD, available: false}), 'this kernel has no driver igb_uio');
  t.is(reason('kernel', {nics: []}, {...HELD, driver: 'vfio-pci', user: 4711}), 'process 4711 has it open');
});
