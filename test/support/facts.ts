import type {Cpu, CpuThread} from '../../engine/facts/cpu.ts';
import type {Facts} from '../../engine/facts/facts.ts';
import type {Nic, NicIrq, PciFunction} from '../../engine/facts/nic.ts';
import type {Numa} from '../../engine/facts/numa.ts';
import type {Cpus} from '../../engine/model/cpulist.ts';
import type {Held} from '../../engine/model/setting.ts';

const range = (count: number): number[] => Array.from({length: count}, (_, index) => index);

/** A machine's shape. Threads are numbered as Linux does on x86: all first threads, then all second ones. */
export type MachineShape = {
  sockets?: number;
  coresPerSocket?: number;
  threadsPerCore?: number;
  /** Cores that share a last-level cache; a whole socket by default. */
  coresPerCache?: number;
  /** The number of each socket's node: `[0, 8]` for a sparse machine. */
  nodes?: readonly number[];
  offline?: Cpus;
  isolated?: Cpus;
  nohzFull?: Cpus;
  /** These cores (counted over all sockets) are efficiency cores. */
  efficiencyCores?: Cpus;
  /** CPUs that may be plugged in later. */
  spare?: number;
  memoryKb?: number;
};

const full = (shape: MachineShape): Required<MachineShape> => ({
  sockets: 1,
  coresPerSocket: 4,
  threadsPerCore: 1,
  coresPerCache: shape.coresPerSocket ?? 4,
  nodes: range(shape.sockets ?? 1),
  offline: [],
  isolated: [],
  nohzFull: [],
  efficiencyCores: [],
  spare: 0,
  memoryKb: 16 * 1024 * 1024,
  ...shape,
});

const threadsOf = (shape: Required<MachineShape>): CpuThread[] => {
  const cores = shape.sockets * shape.coresPerSocket;
  const online = (cpu: number): boolean => !shape.offline.includes(cpu);
  return Array.from({length: cores * shape.threadsPerCore}, (_, cpu): CpuThread => {
    const core = cpu % cores;
    const socket = Math.floor(core / shape.coresPerSocket);
    const cache = Math.floor(core / shape.coresPerCache);
    const mates = (inside: (other: number) => boolean): number[] =>
      range(cores * shape.threadsPerCore).filter((other) => inside(other % cores) && online(other));
    const there = online(cpu);
    return {
      cpu,
      online: there,
      socket: there ? socket : -1,
      die: there ? 0 : -1,
      core: there ? core % shape.coresPerSocket : -1,
      siblings: there ? mates((other) => other === core) : [cpu],
      node: there ? (shape.nodes[socket] ?? -1) : -1,
      lastLevelCache: there ? mates((other) => Math.floor(other / shape.coresPerCache) === cache) : [],
      ...(shape.efficiencyCores.length === 0
        ? {}
        : {kind: shape.efficiencyCores.includes(core) ? ('efficiency' as const) : ('performance' as const)}),
    };
  });
};

/** CPU and NUMA facts of a machine of this shape. */
export const exampleMachine = (given: MachineShape = {}): {cpu: Cpu; numa: Numa} => {
  const shape = full(given);
  const threads = threadsOf(shape);
  const present = threads.map(({cpu}) => cpu);
  const cpu: Cpu = {
    model: 'Example CPU',
    flags: ['pdpe1gb'],
    possible: range(present.length + shape.spare),
    present,
    online: present.filter((one) => !shape.offline.includes(one)),
    isolated: shape.isolated,
    nohzFull: shape.nohzFull,
    threads,
    smtControl: shape.threadsPerCore > 1 ? 'on' : 'notsupported',
  };
  const nodes = [...new Set(shape.nodes.slice(0, shape.sockets))];
  const numa: Numa = {
    memoryKb: shape.memoryKb * nodes.length,
    nodes: nodes.map((node) => ({
      node,
      cpus: threads.filter((thread) => thread.node === node).map((thread) => thread.cpu),
      memoryKb: shape.memoryKb,
      freeKb: shape.memoryKb / 2,
      distances: nodes.map((other) => (other === node ? 10 : 21)),
      hugepages: [
        {sizeKb: 2048, total: 0, free: 0},
        {sizeKb: 1_048_576, total: 0, free: 0},
      ],
    })),
    hugepages: [
      {sizeKb: 2048, total: 0, free: 0},
      {sizeKb: 1_048_576, total: 0, free: 0},
    ],
    thpEnabled: 'always',
    thpDefrag: 'madvise',
  };
  return {cpu, numa};
};

/** The NIC's own facts with what a NIC of this shape has beside them. */
export type NicShape = Partial<Nic> & {
  /** Queue pairs in use and the most there can be. */
  queues?: number;
  maxQueues?: number;
  /** `pair`: a vector for each queue pair; `split`: one for each rx and each tx queue, as virtio has them. */
  vectors?: 'pair' | 'split' | 'none';
  /** NUMA node of its PCI function and the CPUs there; -1 and all when not given. */
  node?: number;
  localCpus?: Cpus;
  firstIrq?: number;
  /** CPUs that its interrupts may go to now. */
  affinity?: Cpus;
};

const pciOf = (shape: NicShape): PciFunction => ({
  address: `0000:${(0x3a + Math.floor((shape.firstIrq ?? 100) / 100)).toString(16)}:00.0`,
  vendor: '8086',
  device: '1592',
  subsystemVendor: '8086',
  subsystemDevice: '0002',
  numaNode: shape.node ?? -1,
  localCpus: shape.localCpus ?? [],
});

const vectorsOf = (shape: NicShape, name: string, queues: number): NicIrq[] => {
  const first = shape.firstIrq ?? 100;
  const affinity = shape.affinity ?? [0];
  const vector = (offset: number, role: NicIrq['role'], queue?: number): NicIrq => ({
    irq: first + offset,
    name: `${name}-${role}-${String(queue ?? 'misc')}`,
    role,
    ...(queue === undefined ? {} : {queue}),
    affinity,
    effective: affinity.slice(0, 1),
    managed: false,
  });
  if (shape.vectors === 'none') return [];
  const other = vector(0, 'other');
  if (shape.vectors !== 'split') return [other, ...range(queues).map((queue) => vector(1 + queue, 'rx-tx', queue))];
  const split = range(queues).flatMap((queue) => [
    vector(1 + queue * 2, 'rx', queue),
    vector(2 + queue * 2, 'tx', queue),
  ]);
  return [other, ...split];
};

/** A NIC; an E810 with 4 queues on no known node unless told otherwise. */
export const exampleNic = (shape: NicShape = {}): Nic => {
  const {
    queues = 4,
    maxQueues = 64,
    vectors: _v,
    node: _n,
    localCpus: _l,
    firstIrq: _f,
    affinity: _a,
    ...given
  } = shape;
  const name = given.name ?? 'ens1f0';
  return {
    name,
    kind: 'physical',
    driver: 'ice',
    driverVersion: '6.1.0',
    firmware: '4.40',
    devicePath: `/sys/devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0`,
    pci: pciOf(shape),
    mac: '02:00:00:00:00:01',
    permanentMac: '02:00:00:00:00:01',
    mtu: 1500,
    maxMtu: 9702,
    adminUp: true,
    carrier: true,
    operstate: 'up',
    speedMbps: 100_000,
    txQueueLength: 1000,
    rings: {now: {rx: 2048, tx: 256}, max: {rx: 8160, tx: 8160}},
    channels: {now: {combined: queues, other: 1}, max: {combined: maxQueues, other: 1}},
    coalesce: {'adaptive-rx': true, 'adaptive-tx': true, 'rx-usecs': 50, 'tx-usecs': 50, 'rx-usecs-high': 0},
    features: {
      'generic-receive-offload': {on: true, fixed: false},
      'generic-segmentation-offload': {on: true, fixed: false},
      'tcp-segmentation-offload': {on: true, fixed: false},
      'large-receive-offload': {on: false, fixed: true},
      'ntuple-filters': {on: false, fixed: false},
      'receive-hashing': {on: true, fixed: false},
    },
    rss: {slots: range(128).map((slot) => slot % queues), keyBytes: 52, functions: ['toeplitz']},
    ntupleRules: 0,
    privateFlags: {'link-down-on-close': false},
    pause: {autonegotiate: true, rx: false, tx: false},
    rxQueues: range(queues).map((index) => ({index, rps: [], rpsFlowCount: 0})),
    txQueues: range(queues).map((index) => ({
      index,
      xps: queues === 1 ? {unknown: 'one tx queue: XPS has no effect'} : [],
      xpsRxqs: '',
      bqlLimitMin: 0,
      bqlLimitMax: 1_879_048_192,
    })),
    irqs: vectorsOf(shape, name, queues),
    napiDeferHardIrqs: 0,
    groFlushTimeoutNs: 0,
    threaded: false,
    qdisc: 'mq',
    lower: [],
    upper: [],
    ...given,
  };
};

const EXAMPLE_SYSCTLS: Readonly<Record<string, Held>> = {
  'net/core/rmem_max': {value: '212992'},
  'net/core/wmem_max': {value: '212992'},
  'net/core/somaxconn': {value: '4096'},
  'net/core/rps_sock_flow_entries': {value: '0'},
  'net/ipv4/tcp_rmem': {value: '4096 131072 6291456'},
  'net/ipv4/tcp_wmem': {value: '4096 16384 4194304'},
  'net/ipv4/ip_forward': {value: '0'},
  'net/netfilter/nf_conntrack_max': 'absent',
  'fs/nr_open': {value: '1048576'},
  'vm/swappiness': {value: '60'},
  'vm/min_free_kbytes': {value: '48240'},
  'kernel/unprivileged_bpf_disabled': {value: '2'},
};

/** The facts of a quiet Debian 12 host with 4 cores and one NIC, with these parts of them replaced. */
export const exampleFacts = (given: Partial<Facts> = {}): Facts => ({
  asked: {},
  os: {
    hostname: 'example',
    id: 'debian',
    idLike: [],
    versionId: '12',
    prettyName: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0-30-amd64',
    architecture: 'x86_64',
    init: 'systemd',
    user: {uid: 0, name: 'root'},
    machineId: '0123456789abcdef0123456789abcdef',
    bootId: '00000000-0000-4000-8000-000000000000',
    uptimeSeconds: 3600,
  },
  platform: {
    virtualisation: 'none',
    secureBoot: false,
    lockdown: 'none',
    selinux: 'disabled',
    rootReadOnly: false,
  },
  ...exampleMachine(),
  nics: [exampleNic()],
  bindings: [],
  iommu: {on: false},
  network: {addresses: [], routes: []},
  sysctls: {live: EXAMPLE_SYSCTLS, configured: []},
  boot: {
    commandLine: 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet',
    loader: 'grub',
    nextCommandLine: 'root=/dev/sda1 ro quiet',
    configuredIn: ['/boot/grub/grub.cfg'],
    sources: [{at: '/etc/default/grub:9', text: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"'}],
  },
  modules: {loaded: ['ice'], parameters: {}, options: [], loadedAtBoot: []},
  power: {
    governors: {policy0: 'schedutil'},
    availableGovernors: ['performance', 'schedutil'],
    driver: 'intel_cpufreq',
    idleDriver: 'intel_idle',
    idleStates: [
      {name: 'POLL', latencyUs: 0, disabled: false},
      {name: 'C1', latencyUs: 1, disabled: false},
      {name: 'C6', latencyUs: 133, disabled: false},
    ],
    clocksource: 'tsc',
    availableClocksources: ['tsc', 'hpet'],
  },
  services: {services: [], files: []},
  limits: {configured: [], nofileSoft: 1024, nofileHard: 1_048_576, memlockKb: 8192},
  mounts: [{device: 'bpf', path: '/sys/fs/bpf', type: 'bpf', options: 'rw'}],
  evidence: {
    seconds: 0,
    softnet: {
      processed: {first: 0, last: 0},
      dropped: {first: 0, last: 0},
      timeSqueeze: {first: 0, last: 0},
    },
    nics: {},
  },
  ...given,
});
