import type {CpuSpec, HostSpec} from './spec.ts';
import {type Tree, addFiles, addRun, listOf, maskOf, numbersIn} from './tree.ts';

export type Thread = {cpu: number; socket: number; core: number; cache: number; efficient: boolean};

export type Topology = {
  threads: readonly Thread[];
  online: readonly number[];
  possible: number;
  nodes: readonly {node: number; cpus: readonly number[]; memoryGb: number}[];
};

const cpuNumber = (spec: CpuSpec, socket: number, core: number, thread: number): number =>
  spec.numbering === 'siblings-adjacent'
    ? (socket * spec.cores + core) * spec.threads + thread
    : (thread * spec.sockets + socket) * spec.cores + core;

const threadsOf = (spec: CpuSpec): readonly Thread[] => {
  const perCache = spec.coresPerCache ?? spec.cores;
  const threads: Thread[] = [];
  for (let socket = 0; socket < spec.sockets; socket++) {
    for (let core = 0; core < spec.cores; core++) {
      const cache = socket * Math.ceil(spec.cores / perCache) + Math.floor(core / perCache);
      for (let thread = 0; thread < spec.threads; thread++) {
        threads.push({cpu: cpuNumber(spec, socket, core, thread), socket, core, cache, efficient: false});
      }
    }
  }
  const first = threads.length;
  for (let core = 0; core < spec.efficiencyCores; core++) {
    threads.push({cpu: first + core, socket: 0, core: spec.cores + core, cache: 0, efficient: true});
  }
  return threads.toSorted((a, b) => a.cpu - b.cpu);
};

const nodesOf = (spec: CpuSpec, threads: readonly Thread[], memoryGb: number): Topology['nodes'] => {
  if (spec.nodes) return spec.nodes.map(({cpus, ...node}) => ({...node, cpus: numbersIn(cpus)}));
  const total = spec.sockets * spec.nodesPerSocket;
  const perNode = Math.ceil(spec.cores / spec.nodesPerSocket);
  return Array.from({length: total}, (_, node) => ({
    node,
    cpus: threads
      .filter(
        ({socket, core, efficient}) =>
          socket * spec.nodesPerSocket + (efficient ? 0 : Math.floor(core / perNode)) === node,
      )
      .map(({cpu}) => cpu),
    memoryGb: Math.floor(memoryGb / total),
  }));
};

/** Which threads there are, and where. */
export const topologyOf = (host: HostSpec): Topology => {
  const threads = threadsOf(host.cpu);
  const offline = new Set(numbersIn(host.cpu.offline));
  return {
    threads,
    online: threads.map(({cpu}) => cpu).filter((cpu) => !offline.has(cpu)),
    possible: host.cpu.possible ?? threads.length,
    nodes: nodesOf(host.cpu, threads, host.memoryGb),
  };
};

/** CPUs of a node that are online, as its `cpulist` shows them; all that are online for node -1. */
export const onlineOn = ({nodes, online}: Topology, node: number): readonly number[] => {
  const cpus = nodes.find((candidate) => candidate.node === node)?.cpus;
  return cpus === undefined ? online : online.filter((cpu) => cpus.includes(cpu));
};

const addThread = (tree: Tree, host: HostSpec, {threads, online}: Topology, thread: Thread): void => {
  const directory = `/sys/devices/system/cpu/cpu${String(thread.cpu)}`;
  const isOnline = online.includes(thread.cpu);
  if (thread.cpu > 0) addFiles(tree, directory, {online: isOnline ? 1 : 0});
  // The kernel takes topology and cache away with the CPU.
  if (!isOnline) return;
  const alive = threads.filter(({cpu}) => online.includes(cpu));
  const sameCore = alive.filter(({socket, core}) => socket === thread.socket && core === thread.core);
  const siblings = listOf(sameCore.map(({cpu}) => cpu));
  const old = host.system === 'rhel-7';
  addFiles(tree, `${directory}/topology`, {
    thread_siblings_list: siblings,
    core_cpus_list: old ? undefined : siblings,
    physical_package_id: thread.socket,
    die_id: old ? undefined : 0,
    core_id: thread.core,
  });
  const lastLevel = listOf(alive.filter(({cache}) => cache === thread.cache).map(({cpu}) => cpu));
  for (const [index, level, type, shared] of [
    [0, 1, 'Data', siblings],
    [1, 1, 'Instruction', siblings],
    [2, 2, 'Unified', siblings],
    [3, 3, 'Unified', lastLevel],
  ] as const) {
    addFiles(tree, `${directory}/cache/index${String(index)}`, {level, type, shared_cpu_list: shared});
  }
  const policy = `/sys/devices/system/cpu/cpufreq/policy${String(thread.cpu)}`;
  if (host.governor === undefined) return;
  addFiles(tree, policy, {
    scaling_governor: host.governor,
    scaling_available_governors: 'performance powersave',
    scaling_driver: 'intel_pstate',
  });
};

const addNode = (tree: Tree, host: HostSpec, topology: Topology, index: number): void => {
  const node = topology.nodes[index];
  if (node === undefined) return;
  const name = `Node ${String(node.node)}`;
  const directory = `/sys/devices/system/node/node${String(node.node)}`;
  const total = node.memoryGb * 1_048_576;
  const cpus = onlineOn(topology, node.node);
  addFiles(tree, directory, {
    cpulist: listOf(cpus),
    cpumap: maskOf(cpus, topology.possible),
    distance: topology.nodes.map((_, other) => (other === index ? 10 : 21)).join(' '),
    meminfo: `${name} MemTotal:       ${String(total)} kB\n${name} MemFree:        ${String(Math.floor(total / 2))} kB`,
  });
  for (const size of ['2048kB', '1048576kB']) {
    const pages = host.hugepages[`${String(node.node)} ${size}`] ?? 0;
    addFiles(tree, `${directory}/hugepages/hugepages-${size}`, {nr_hugepages: pages, free_hugepages: pages});
  }
};

const pagesOf = (host: HostSpec, size: string): number =>
  Object.entries(host.hugepages).reduce((sum, [key, pages]) => sum + (key.endsWith(` ${size}`) ? pages : 0), 0);

const addKinds = (tree: Tree, {threads}: Topology): void => {
  const efficient = threads.filter((thread) => thread.efficient).map(({cpu}) => cpu);
  if (efficient.length === 0) return;
  addFiles(tree, '/sys/devices/cpu_core', {
    cpus: listOf(threads.filter((thread) => !thread.efficient).map(({cpu}) => cpu)),
  });
  addFiles(tree, '/sys/devices/cpu_atom', {cpus: listOf(efficient)});
};

/** /sys/devices/system/{cpu,node}, /proc/cpuinfo, memory and huge pages. */
export const addCpus = (tree: Tree, host: HostSpec, topology: Topology): void => {
  const present = topology.threads.map(({cpu}) => cpu);
  addFiles(tree, '/sys/devices/system/cpu', {
    possible: topology.possible === 1 ? '0' : `0-${String(topology.possible - 1)}`,
    present: listOf(present),
    online: listOf(topology.online),
    isolated: host.cpu.isolated,
    // The file came with 4.2.
    nohz_full: host.system === 'rhel-7' ? undefined : host.cpu.nohzFull,
  });
  addFiles(tree, '/sys/devices/system/cpu/smt', {
    control: host.cpu.smt ?? (host.cpu.threads > 1 ? 'on' : 'notsupported'),
  });
  for (const thread of topology.threads) addThread(tree, host, topology, thread);
  for (const index of topology.nodes.keys()) addNode(tree, host, topology, index);
  addKinds(tree, topology);
  const total = host.memoryGb * 1_048_576;
  addFiles(tree, '/proc', {
    cpuinfo: `processor\t: 0\nmodel name\t: ${host.cpu.model}\nflags\t\t: ${host.cpu.flags}\n`,
    meminfo: `MemTotal:       ${String(total)} kB\nMemFree:        ${String(Math.floor(total / 2))} kB`,
  });
  for (const size of ['2048kB', '1048576kB']) {
    const pages = pagesOf(host, size);
    addFiles(tree, `/sys/kernel/mm/hugepages/hugepages-${size}`, {nr_hugepages: pages, free_hugepages: pages});
  }
  addRun(tree, 'machine', host.architecture);
};
