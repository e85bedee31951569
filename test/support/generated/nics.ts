import {type Topology, onlineOn} from './cpus.ts';
import {DRIVERS} from './drivers.ts';
import {addEthtool, transmitQueues} from './ethtool.ts';
import type {HostSpec, NicSpec} from './spec.ts';
import {type Tree, addFiles, addLink, listOf, maskOf} from './tree.ts';

const FIRST_IRQ = 64;

const STATISTICS =
  'rx_packets rx_dropped rx_missed_errors rx_fifo_errors rx_over_errors rx_errors tx_packets tx_dropped tx_errors'.split(
    ' ',
  );

/** A counter's value in the probe's first sample. */
export const firstSample = (counter: string): number => (counter.endsWith('packets') ? 1_000_000 : 0);

/** CPUs that one vector may run on, and the one that it does. */
const placed = (
  nic: NicSpec,
  topology: Topology,
  index: number,
): readonly [allowed: readonly number[], effective: number] => {
  const {online} = topology;
  const near = onlineOn(topology, nic.numaNode);
  const at = (cpus: readonly number[]): number => cpus[index % cpus.length] ?? 0;
  if (nic.vectors === 'first-cpu') return [[0], 0];
  if (nic.vectors === 'spread') return [[at(near)], at(near)];
  return [online, at(near)];
};

const addVectors = (
  tree: Tree,
  host: HostSpec,
  topology: Topology,
  nic: NicSpec,
  place: {device: string; first: number; virtio: number},
): number => {
  const names = DRIVERS[nic.driver]?.vectors(nic, place.virtio) ?? [];
  for (const [index, name] of names.entries()) {
    const irq = String(place.first + index);
    const [allowed, effective] = placed(nic, topology, index);
    addFiles(tree, `${place.device}/msi_irqs`, {[irq]: 'msix'});
    addFiles(tree, `/proc/irq/${irq}`, {
      smp_affinity_list: listOf(allowed),
      // Since 4.15, for interrupt controllers that pick one CPU (CONFIG_GENERIC_IRQ_EFFECTIVE_AFF_MASK).
      effective_affinity_list: host.system === 'rhel-7' ? undefined : effective,
      affinity_hint: maskOf([], topology.possible),
    });
    // /sys/kernel/irq came with 4.9; before it, the handler's name is a directory below /proc/irq/N.
    if (host.system === 'rhel-7') addFiles(tree, `/proc/irq/${irq}/${name}`, {'.keep': ''});
    else addFiles(tree, `/sys/kernel/irq/${irq}`, {actions: name});
  }
  return names.length;
};

const addQueues = (tree: Tree, host: HostSpec, topology: Topology, nic: NicSpec, directory: string): void => {
  const transmit = transmitQueues(nic, nic.queues);
  const near = topology.online;
  for (let queue = 0; queue < nic.queues; queue++) {
    const rps = nic.rps === '' ? maskOf([], topology.possible) : nic.rps;
    addFiles(tree, `${directory}/queues/rx-${String(queue)}`, {rps_cpus: rps, rps_flow_cnt: 0});
  }
  for (let queue = 0; queue < transmit; queue++) {
    const cpus = nic.xps === 'spread' ? near.filter((_, index) => index % transmit === queue) : [];
    addFiles(tree, `${directory}/queues/tx-${String(queue)}`, {
      // A single queue answers ENOENT, for which grep shows nothing.
      xps_cpus: transmit === 1 ? undefined : maskOf(cpus, topology.possible),
      xps_rxqs: host.system === 'rhel-7' || transmit === 1 ? undefined : maskOf([], nic.queues),
      tx_maxrate: 0,
    });
    addFiles(tree, `${directory}/queues/tx-${String(queue)}/byte_queue_limits`, {
      limit_min: 0,
      limit_max: 1_879_048_192,
    });
  }
};

const addInterface = (tree: Tree, host: HostSpec, nic: NicSpec, directory: string, index: number): void => {
  const recent = host.system !== 'rhel-7';
  addFiles(tree, directory, {
    address: nic.mac,
    mtu: nic.mtu,
    flags: nic.up ? '0x1003' : '0x1002',
    operstate: nic.up ? 'up' : 'down',
    carrier: nic.up ? 1 : undefined,
    speed: nic.up ? (nic.speed ?? -1) : undefined,
    type: 1,
    ifindex: index,
    iflink: index,
    tx_queue_len: 1000,
    uevent: `INTERFACE=${nic.name}\nIFINDEX=${String(index)}`,
    dev_port: 0,
    napi_defer_hard_irqs: recent ? 0 : undefined,
    gro_flush_timeout: recent ? 0 : undefined,
    threaded: recent ? 0 : undefined,
  });
  for (const counter of STATISTICS) addFiles(tree, `${directory}/statistics`, {[counter]: firstSample(counter)});
};

const addFunction = (tree: Tree, topology: Topology, nic: NicSpec, device: string): void => {
  const [vendor = '', id = ''] = nic.id.split(':');
  const [subsystemVendor = '', subsystemDevice = ''] = nic.subsystem.split(':');
  addFiles(tree, device, {
    vendor: `0x${vendor}`,
    device: `0x${id}`,
    subsystem_vendor: `0x${subsystemVendor}`,
    subsystem_device: `0x${subsystemDevice}`,
    class: '0x020000',
    irq: 0,
    numa_node: nic.numaNode,
    local_cpulist: listOf(onlineOn(topology, nic.numaNode)),
    sriov_totalvfs: nic.vfs?.[1],
    sriov_numvfs: nic.vfs?.[0],
    current_link_width: nic.link?.[0],
    current_link_speed: nic.link?.[1],
    max_link_width: nic.link?.[2],
    max_link_speed: nic.link?.[3],
  });
};

const VMBUS = '/sys/devices/LNXSYSTM:00/VMBUS:00';

/** Where a NIC's device and interface are below /sys/devices; virtio puts a device of its own between. */
const placesOf = (nic: NicSpec, virtio: number): {device: string; own: string} => {
  if (nic.pci === '') {
    const device = `${VMBUS}/f8b3781a-1e82-4818-a1c3-63d806ec15b${String(virtio)}`;
    return {device, own: device};
  }
  const device = `/sys/devices/pci${nic.pci.slice(0, 7)}/${nic.pci}`;
  return {device, own: nic.driver === 'virtio_net' ? `${device}/virtio${String(virtio)}` : device};
};

/** All NICs: sysfs, vectors, queues and ethtool's answers. */
export const addNics = (tree: Tree, host: HostSpec, topology: Topology): void => {
  let irq = FIRST_IRQ;
  for (const [index, nic] of host.nics.entries()) {
    const {device, own} = placesOf(nic, index);
    const directory = `${own}/net/${nic.name}`;
    if (nic.pci !== '') addFunction(tree, topology, nic, device);
    addInterface(tree, host, nic, directory, index + 2);
    addQueues(tree, host, topology, nic, directory);
    irq += addVectors(tree, host, topology, nic, {device, first: irq, virtio: index});
    addLink(tree, `/sys/class/net/${nic.name}`, directory);
    addLink(tree, `${directory}/device`, own);
    const bus = `/sys/bus/${nic.pci === '' ? 'vmbus' : own === device ? 'pci' : 'virtio'}`;
    addFiles(tree, `/sys/module/${nic.driver}`, {version: nic.version, refcnt: 0});
    addLink(tree, `${bus}/drivers/${nic.driver}/module`, `/sys/module/${nic.driver}`);
    addLink(tree, `${own}/driver`, `${bus}/drivers/${nic.driver}`);
    addLink(tree, `${own}/subsystem`, bus);
    if (nic.pci !== '') addLink(tree, `/sys/bus/pci/devices/${nic.pci}`, device);
    if (own !== device) addLink(tree, `${device}/subsystem`, '/sys/bus/pci');
    addEthtool(tree, host, nic);
  }
};

/** Network functions that vfio-pci or the like holds: no interface, no vectors. */
export const addBound = (tree: Tree, {bound}: HostSpec): void => {
  for (const {pci, id, driver, numaNode} of bound) {
    const [vendor = '', device = ''] = id.split(':');
    const directory = `/sys/devices/pci${pci.slice(0, 7)}/${pci}`;
    addFiles(tree, directory, {vendor: `0x${vendor}`, device: `0x${device}`, class: '0x020000', numa_node: numaNode});
    addFiles(tree, `/sys/bus/pci/drivers/${driver}`, {'.keep': ''});
    addLink(tree, `${directory}/driver`, `/sys/bus/pci/drivers/${driver}`);
    addLink(tree, `/sys/bus/pci/devices/${pci}`, directory);
  }
};
