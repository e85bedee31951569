import type {Cpus} from '../model/cpulist.ts';
import type {Known} from '../model/known.ts';

export type PciFunction = {
  address: string;
  vendor: string;
  device: string;
  subsystemVendor: string;
  subsystemDevice: string;
  /** -1 when the platform does not tell: unknown, not node 0. */
  numaNode: number;
  localCpus: Cpus;
  linkSpeed?: string;
  linkWidth?: string;
  maxLinkSpeed?: string;
  maxLinkWidth?: string;
  /** Set on a PF: how many VFs it may have and has. */
  vfsTotal?: number;
  vfsEnabled?: number;
  /** Set on a VF: its PF's PCI address. */
  physicalFunction?: string;
  iommuGroup?: string;
};

/** Ring sizes in descriptors; a kind the NIC does not have is absent. */
export type Rings = {now: RingSizes; max: RingSizes};
export type RingSizes = {rx?: number; rxMini?: number; rxJumbo?: number; tx?: number; txPushBufLen?: number};

export type Channels = {now: ChannelCounts; max: ChannelCounts};
export type ChannelCounts = {rx?: number; tx?: number; other?: number; combined?: number};

/** By ethtool's own word (`rx-usecs`, `adaptive-rx`); what the driver does not have is absent, on/off are booleans. */
export type Coalesce = Readonly<Record<string, number | boolean>>;

export type Feature = {on: boolean; fixed: boolean; requested?: boolean};

export type RssTable = {
  /** The queue of each slot. */
  slots: readonly number[];
  /** 0 when the key was not readable. */
  keyBytes: number;
  /** Hash functions in use: `toeplitz`. */
  functions: readonly string[];
};

export type RxQueue = {
  index: number;
  /** Text of rps_cpus as the kernel prints it, and the CPUs in it. */
  rps: Known<Cpus>;
  rpsFlowCount: Known<number>;
};

export type TxQueue = {
  index: number;
  /** Unknown on a NIC with one tx queue, where XPS has no effect. */
  xps: Known<Cpus>;
  xpsRxqs: Known<string>;
  bqlLimitMin?: number;
  bqlLimitMax?: number;
};

/** `rx-tx`: one vector for a queue pair; `other`: admin, link, async events. */
export type VectorRole = 'rx' | 'tx' | 'rx-tx' | 'other';

export type NicIrq = {
  irq: number;
  /** As in /proc/interrupts: `ens1f0-TxRx-3`, `mlx5_comp3@pci:0000:3b:00.0`, `virtio0-input.2`. */
  name: string;
  role: VectorRole;
  /** The queue it serves; absent when `other`. */
  queue?: number;
  affinity: Known<Cpus>;
  effective: Known<Cpus>;
  hint?: Cpus;
  /** The kernel owns its affinity: writing it answers EIO or EPERM. */
  managed: boolean;
};

export type NicKind =
  | 'physical'
  | 'virtual-function'
  | 'paravirtual'
  | 'bond'
  | 'team'
  | 'bridge'
  | 'vlan'
  | 'vrf'
  | 'veth'
  | 'tun'
  | 'loopback'
  | 'other';

/** One network interface. What a driver does not answer is unknown with the reason. */
export type Nic = {
  name: string;
  kind: NicKind;
  driver: string;
  driverVersion: string;
  firmware: string;
  /** Resolved device directory below /sys/devices; absent for virtual interfaces. */
  devicePath?: string;
  /** The PCI function behind it; that of its parent where it is virtio's or a sub-function on the auxiliary bus. */
  pci?: PciFunction;
  /** The node of a device without a PCI function (hv_netvsc: its VF's, else VMBus's); absent where nobody tells. */
  numaNode?: number;
  mac: string;
  permanentMac?: string;
  mtu: number;
  maxMtu?: number;
  adminUp: boolean;
  carrier?: boolean;
  operstate: string;
  /** Absent when unknown (link down, virtual). */
  speedMbps?: number;
  txQueueLength: number;
  rings: Known<Rings>;
  channels: Known<Channels>;
  coalesce: Known<Coalesce>;
  features: Known<Readonly<Record<string, Feature>>>;
  rss: Known<RssTable>;
  ntupleRules: Known<number>;
  privateFlags: Known<Readonly<Record<string, boolean>>>;
  pause: Known<{autonegotiate?: boolean; rx: boolean; tx: boolean}>;
  rxQueues: readonly RxQueue[];
  txQueues: readonly TxQueue[];
  irqs: readonly NicIrq[];
  napiDeferHardIrqs?: number;
  groFlushTimeoutNs?: number;
  threaded?: boolean;
  /** Root qdisc's kind, and behind it its leaves' when the root is mq: `fq_codel`, `mq fq`. */
  qdisc?: string;
  xdp?: {mode: string; program: string};
  /** Queues with AF_XDP sockets; absent where there are none, unknown where some are open and may be on this NIC. */
  xdpSockets?: Known<readonly number[]>;
  /** Names stacked directly below (`bond0` → its members, `eth0.5` → `eth0`) and above. */
  lower: readonly string[];
  upper: readonly string[];
  /** Bond mode and member MII state, when this is a bond. */
  bond?: {mode: string; active?: string; members: readonly {name: string; miiUp: boolean}[]};
  vlanId?: number;
  /** The routing table of a VRF. */
  vrfTable?: number;
};
