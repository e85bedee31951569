import test from 'ava';
import {bindings} from '../../../../engine/facts/driver-bindings.ts';
import {nics} from '../../../../engine/facts/nic-facts.ts';
import type {Nic} from '../../../../engine/facts/nic.ts';
import {probeInNamespace} from '../../../support/namespace-probe.ts';

// A tree as the kernel lays it out: links and files below /mnt. `put PATH TEXT` and `link PATH TARGET` are all there is.
const TREE = String.raw`
put() { mkdir -p "/mnt/${'$'}{1%/*}"; printf '%s\n' "$2" >"/mnt/$1"; }
link() { mkdir -p "/mnt/${'$'}{1%/*}"; ln -s "$2" "/mnt/$1"; }
devices=sys/devices/pci0000:00
# pci ADDRESS-BELOW-devices VENDOR DEVICE NODE
pci() {
  put $devices/$1/class 0x020000; put $devices/$1/vendor $2; put $devices/$1/device $3
  put $devices/$1/subsystem_vendor $2; put $devices/$1/subsystem_device 0x0001; put $devices/$1/numa_node $4
  put $devices/$1/local_cpulist 0-3; put $devices/$1/irq 0
  link sys/bus/pci/devices/${'$'}{1##*/} ../../../devices/pci0000:00/$1
}
# nic NAME INDEX DEVICE-BELOW-devices
nic() {
  put $devices/$3/net/$1/ifindex $2; put $devices/$3/net/$1/address 02:00:00:00:00:0$2; put $devices/$3/net/$1/mtu 9000
  put $devices/$3/net/$1/flags 0x1003; put $devices/$3/net/$1/type 1; put $devices/$3/net/$1/speed 25000
  put $devices/$3/net/$1/queues/rx-0/rps_cpus 0f; put $devices/$3/net/$1/queues/rx-0/rps_flow_cnt 4096
  put $devices/$3/net/$1/queues/tx-0/xps_cpus 01; put $devices/$3/net/$1/queues/tx-1/xps_cpus 02
  ln -s ../.. /mnt/$devices/$3/net/$1/device
  link sys/class/net/$1 ../../devices/pci0000:00/$3/net/$1
}
irq() {
  put $devices/$1/msi_irqs/$2 msix; put sys/kernel/irq/$2/actions "$3"; put proc/irq/$2/smp_affinity_list $4
  put proc/irq/$2/effective_affinity_list $4; put proc/irq/$2/affinity_hint 00000000
}
mkdir -p /mnt/sys/bus/pci/drivers/ixgbe /mnt/sys/bus/pci/drivers/vfio-pci /mnt/sys/bus/pci/drivers/ixgbevf /mnt/sys/bus/pci/drivers/virtio-pci /mnt/sys/bus/virtio/drivers/virtio_net
# An Intel NIC below a bridge that has vectors of its own.
pci 0000:00:01.0 0x8086 0x2030 -1
printf '0x060400\n' >/mnt/$devices/0000:00:01.0/class
irq 0000:00:01.0 24 'PCIe PME' 0
pci 0000:00:01.0/0000:04:00.0 0x8086 0x10fb 1
put $devices/0000:00:01.0/0000:04:00.0/current_link_speed '5.0 GT/s PCIe'
put $devices/0000:00:01.0/0000:04:00.0/max_link_width 8
put $devices/0000:00:01.0/0000:04:00.0/sriov_totalvfs 63
put $devices/0000:00:01.0/0000:04:00.0/sriov_numvfs 2
nic ens1 2 0000:00:01.0/0000:04:00.0
link $devices/0000:00:01.0/0000:04:00.0/driver ../../../../bus/pci/drivers/ixgbe
link $devices/0000:00:01.0/0000:04:00.0/subsystem ../../../../bus/pci
link $devices/0000:00:01.0/0000:04:00.0/iommu_group ../../../../kernel/iommu_groups/42
mkdir -p /mnt/sys/kernel/iommu_groups/42
irq 0000:00:01.0/0000:04:00.0 50 old-name-TxRx-0 0-3
irq 0000:00:01.0/0000:04:00.0 51 old-name-TxRx-1 2
irq 0000:00:01.0/0000:04:00.0 52 old-name 0-3
irq 0000:00:01.0/0000:04:00.0 53 '' 0-3
: >/mnt/sys/kernel/irq/53/actions
# Its virtual function.
pci 0000:00:01.0/0000:04:10.0 0x8086 0x10ed 1
nic ens1v0 3 0000:00:01.0/0000:04:10.0
link $devices/0000:00:01.0/0000:04:10.0/driver ../../../../bus/pci/drivers/ixgbevf
link $devices/0000:00:01.0/0000:04:10.0/physfn ../0000:04:00.0
# A virtio NIC: the device is a child of the PCI function.
pci 0000:00:03.0 0x1af4 0x1041 0
link $devices/0000:00:03.0/driver ../../../bus/pci/drivers/virtio-pci
put $devices/0000:00:03.0/virtio2/vendor 0x1af4; put $devices/0000:00:03.0/virtio2/device 0x0001
nic eth9 4 0000:00:03.0/virtio2
link $devices/0000:00:03.0/virtio2/subsystem ../../../../bus/virtio
link $devices/0000:00:03.0/virtio2/driver ../../../../bus/virtio/drivers/virtio_net
irq 0000:00:03.0 60 virtio2-config 0
irq 0000:00:03.0 61 virtio2-input.0 1
irq 0000:00:03.0 62 virtio2-output.0 3
# A virtio NIC on virtio-mmio: its one line is named by the device, and stands nowhere below it.
mmio=sys/devices/platform/c000.virtio_mmio/virtio5
put $mmio/net/eth5/ifindex 5; put $mmio/net/eth5/type 1; ln -s ../.. /mnt/$mmio/net/eth5/device
link sys/class/net/eth5 ../../devices/platform/c000.virtio_mmio/virtio5/net/eth5
link $mmio/subsystem ../../../../bus/virtio
link $mmio/driver ../../../../bus/virtio/drivers/virtio_net
put sys/kernel/irq/9/actions virtio5; put proc/irq/9/smp_affinity_list 0-1
# Two functions that no network driver holds, and a disk.
pci 0000:00:05.0 0x15b3 0x1017 1
link $devices/0000:00:05.0/driver ../../../bus/pci/drivers/vfio-pci
pci 0000:00:06.0 0x8086 0x1572 -1
pci 0000:00:07.0 0x8086 0x0a54 0
printf '0x010802\n' >/mnt/$devices/0000:00:07.0/class
# A bond of the two ports.
virtual=sys/devices/virtual/net/bond0
put $virtual/ifindex 7; put $virtual/type 1; put $virtual/bonding/mode 'active-backup 1'; put $virtual/bonding/slaves 'ens1 ens1v0'
put $virtual/bonding/active_slave ens1; put $virtual/uevent DEVTYPE=bond
link sys/class/net/bond0 ../../devices/virtual/net/bond0
link $virtual/lower_ens1 ../../../pci0000:00/0000:00:01.0/0000:04:00.0/net/ens1
link $virtual/lower_ens1v0 ../../../pci0000:00/0000:00:01.0/0000:04:10.0/net/ens1v0
link $devices/0000:00:01.0/0000:04:00.0/net/ens1/upper_bond0 ../../../../../virtual/net/bond0
put $devices/0000:00:01.0/0000:04:00.0/net/ens1/bonding_slave/mii_status up
put $devices/0000:00:01.0/0000:04:10.0/net/ens1v0/bonding_slave/mii_status down
# A file, not an interface.
put sys/class/net/bonding_masters bond0
`;

const found = (shell: string): {nics: ReadonlyMap<string, Nic>; bindings: ReturnType<typeof bindings.parse>} => {
  const frames = probeInNamespace([nics, bindings], {shell, prepare: TREE, root: '/mnt'});
  return {nics: new Map(nics.parse(frames).map((nic) => [nic.name, nic])), bindings: bindings.parse(frames)};
};

for (const shell of ['dash', 'bash --posix', 'busybox sh']) {
  test(`a root directory's devices by ${shell}`, (t) => {
    const host = found(shell);
    t.deepEqual([...host.nics.keys()].toSorted(), ['bond0', 'ens1', 'ens1v0', 'eth5', 'eth9']);
    const ens1 = host.nics.get('ens1');
    t.is(ens1?.kind, 'physical');
    t.is(ens1?.driver, 'ixgbe');
    t.is(ens1?.speedMbps, 25_000);
    t.deepEqual(ens1?.pci, {
      address: '0000:04:00.0',
      vendor: '8086',
      device: '10fb',
      subsystemVendor: '8086',
      subsystemDevice: '0001',
      numaNode: 1,
      localCpus: [0, 1, 2, 3],
      linkSpeed: '5.0 GT/s PCIe',
      maxLinkWidth: '8',
      vfsTotal: 63,
      vfsEnabled: 2,
      iommuGroup: '42',
    });
    t.deepEqual(
      ens1?.irqs.map(({irq, role, queue, affinity}) => [irq, role, queue, affinity]),
      [
        [50, 'rx-tx', 0, [0, 1, 2, 3]],
        [51, 'rx-tx', 1, [2]],
        [52, 'other', undefined, [0, 1, 2, 3]],
      ],
      'named before a rename; the bridge above has its own vectors; 53 has no handler',
    );
    t.deepEqual(ens1?.upper, ['bond0']);
    t.deepEqual(
      ens1?.txQueues.map(({index, xps}) => [index, xps]),
      [
        [0, [0]],
        [1, [1]],
      ],
    );
    t.deepEqual(ens1?.rxQueues, [{index: 0, rps: [0, 1, 2, 3], rpsFlowCount: 4096}]);
    t.is(host.nics.get('ens1v0')?.kind, 'virtual-function');
    t.is(host.nics.get('ens1v0')?.pci?.physicalFunction, '0000:04:00.0');
  });

  test(`virtio's function, a bond and unbound functions by ${shell}`, (t) => {
    const host = found(shell);
    const eth9 = host.nics.get('eth9');
    t.is(eth9?.kind, 'paravirtual');
    t.like(eth9?.pci, {address: '0000:00:03.0', device: '1041', numaNode: 0});
    t.deepEqual(
      eth9?.irqs.map(({name, role}) => `${name} ${role}`),
      ['virtio2-config other', 'virtio2-input.0 rx', 'virtio2-output.0 tx'],
    );
    t.deepEqual(eth9?.rings, {unknown: 'not read'});
    t.deepEqual(
      host.nics.get('eth5')?.irqs.map(({irq, role, affinity}) => [irq, role, affinity]),
      [[9, 'rx-tx', [0, 1]]],
    );
    const bond0 = host.nics.get('bond0');
    t.is(bond0?.kind, 'bond');
    t.deepEqual(bond0?.bond, {
      mode: 'active-backup',
      active: 'ens1',
      members: [
        {name: 'ens1', miiUp: true},
        {name: 'ens1v0', miiUp: false},
      ],
    });
    t.deepEqual(bond0?.lower.toSorted(), ['ens1', 'ens1v0']);
    t.deepEqual(host.bindings, [
      {address: '0000:00:05.0', vendor: '15b3', device: '1017', driver: 'vfio-pci', numaNode: 1},
      {address: '0000:00:06.0', vendor: '8086', device: '1572', numaNode: -1},
    ]);
  });
}
