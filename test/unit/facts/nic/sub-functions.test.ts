import test from 'ava';
import {nics} from '../../../../engine/facts/nic-facts.ts';
import type {Nic} from '../../../../engine/facts/nic.ts';
import {machineOf} from '../../../../engine/plan/topology/machine.ts';
import {exampleFacts, exampleMachine, exampleNic} from '../../../support/facts.ts';
import {probeInNamespace} from '../../../support/namespace-probe.ts';
import {plantTree} from '../../../support/text-tree.ts';

const PORT = '/sys/devices/pci0000:00/0000:00:02.0/0000:08:00.0';
const SF = `${PORT}/mlx5_core.sf.4`;

const vector = (irq: number, name: string): string =>
  `==> ${PORT}/msi_irqs/${String(irq)}\nmsix\n==> /sys/kernel/irq/${String(irq)}/actions\n${name}\n==> /proc/irq/${String(irq)}/smp_affinity_list\n0-3\n`;

// Documentation/networking/devlink/mlx5.rst and the sysfs of drivers/base/auxiliary.c.
const MLX5 = `==> ${PORT}/class
0x020000
==> ${PORT}/vendor
0x15b3
==> ${PORT}/device
0x101d
==> ${PORT}/numa_node
1
==> ${PORT}/local_cpulist
2-3
==> ${PORT}/sriov_totalvfs
8
==> ${PORT}/sriov_numvfs
2
==> ${PORT}/driver -> ../../../../bus/pci/drivers/mlx5_core
==> ${PORT}/net/ens2f0np0/ifindex
2
==> ${PORT}/net/ens2f0np0/device -> ../..
==> ${SF}/sfnum
88
==> ${SF}/driver -> ../../../../../bus/auxiliary/drivers/mlx5_core.sf
==> ${SF}/net/ens2f0s88/ifindex
3
==> ${SF}/net/ens2f0s88/device -> ../..
==> /sys/bus/pci/drivers/mlx5_core/
==> /sys/bus/auxiliary/drivers/mlx5_core.sf/
==> /sys/class/net/ens2f0np0 -> ../../devices/pci0000:00/0000:00:02.0/0000:08:00.0/net/ens2f0np0
==> /sys/class/net/ens2f0s88 -> ../../devices/pci0000:00/0000:00:02.0/0000:08:00.0/mlx5_core.sf.4/net/ens2f0s88
${vector(70, 'mlx5_async0@pci:0000:08:00.0')}${vector(71, 'mlx5_comp0@pci:0000:08:00.0')}${vector(80, 'mlx5_sf_comp1@pci:0000:08:00.0')}${vector(81, 'mlx5_sf_comp2@pci:0000:08:00.0')}`;

const found = (tree: string, shell = 'sh'): ReadonlyMap<string, Nic> => {
  const frames = probeInNamespace([nics], {shell, prepare: plantTree(tree), root: '/mnt'});
  return new Map(nics.parse(frames).map((nic) => [nic.name, nic]));
};

const irqsOf = (nic: Nic | undefined): readonly string[] =>
  nic?.irqs.map(({irq, role, queue}) => `${String(irq)} ${role} ${String(queue ?? '')}`.trim()) ?? [];

for (const shell of ['dash', 'busybox sh']) {
  test(`a sub-function of mlx5 has its parent's PCI function, and the vectors of the common pool, by ${shell}`, (t) => {
    const host = found(MLX5, shell);
    const part = host.get('ens2f0s88');
    t.like(part, {kind: 'virtual-function', driver: 'mlx5_core', devicePath: SF});
    t.like(part?.pci, {address: '0000:08:00.0', device: '101d', numaNode: 1, localCpus: [2, 3]});
    t.false('vfsEnabled' in (part?.pci ?? {}));
    t.deepEqual(irqsOf(part), ['80 other', '81 other'], 'whose queues they serve nobody tells');
    const port = host.get('ens2f0np0');
    t.like(port?.pci, {address: '0000:08:00.0', vfsEnabled: 2});
    t.deepEqual(irqsOf(port), ['70 other', '71 rx-tx 0', '80 other', '81 other']);
  });
}

test('kernels from 6.11 on list the vectors of each sub-function', (t) => {
  t.deepEqual(irqsOf(found(`${MLX5}==> ${SF}/irqs/81\n`).get('ens2f0s88')), ['81 other']);
});

const VMBUS = '/sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0004:00/VMBUS:00/f8b3781a-1e82-4818-a1c3-63d806ec15bb';
const NETVSC = `==> ${VMBUS}/vendor
0x1414
==> ${VMBUS}/numa_node
0
==> ${VMBUS}/driver -> ../../../../../../bus/vmbus/drivers/hv_netvsc
==> ${VMBUS}/net/eth0/ifindex
2
==> ${VMBUS}/net/eth0/device -> ../..
==> /sys/bus/vmbus/drivers/hv_netvsc/
==> /sys/class/net/eth0 -> ../../devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0004:00/VMBUS:00/f8b3781a-1e82-4818-a1c3-63d806ec15bb/net/eth0
`;

test("hv_netvsc is on its VF's node, else on VMBus's, else nobody tells", (t) => {
  const alone = found(NETVSC).get('eth0');
  t.like(alone, {kind: 'paravirtual', driver: 'hv_netvsc', numaNode: 0, irqs: []});
  t.false('pci' in (alone ?? {}));
  const tree = `${NETVSC}${MLX5}==> ${VMBUS}/net/eth0/lower_ens2f0np0 -> ${'../'.repeat(8)}devices/pci0000:00/0000:00:02.0/0000:08:00.0/net/ens2f0np0\n`;
  t.is(found(tree).get('eth0')?.numaNode, 1);
  t.false('numaNode' in (found(NETVSC.replace('numa_node\n0', 'numa_node\n-1')).get('eth0') ?? {}));
});

test('the CPUs of such a node are near', (t) => {
  const {pci: _pci, ...netvsc} = exampleNic({driver: 'hv_netvsc', numaNode: 1});
  const facts = exampleFacts({...exampleMachine({sockets: 2, coresPerSocket: 2}), nics: [netvsc]});
  t.like(machineOf(facts, []).placeOf(netvsc), {cores: [2, 3], threads: [2, 3]});
});
