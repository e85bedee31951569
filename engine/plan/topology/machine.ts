import type {CpuThread} from '../../facts/cpu.ts';
import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import {formatCpuList, intersect, without, type Cpus} from '../../model/cpulist.ts';
import {maskWidth} from '../../resources/lookup.ts';

/** CPUs that a NIC's queues may use, in the order in which they shall be used. */
export type Place = {
  /** One thread of each core. */
  cores: Cpus;
  /** The same, then the cores' other threads. */
  threads: Cpus;
  /** Set where the NIC's own node is not known or has no CPU to give, so that CPUs of all nodes are used. */
  elsewhere?: 'unknown-node' | 'no-local-cpu';
};

/** What the topology rules know of a host's CPUs. */
export type Machine = {
  width: number;
  online: Cpus;
  /** Online CPUs that are neither isolated, nohz_full nor reserved by the user. */
  usable: Cpus;
  /** Whether any online CPU is kept out of `usable`. */
  partitioned: boolean;
  nodes: number;
  thread(cpu: number): CpuThread | undefined;
  /** Position of each online CPU when cores that share a cache stand together, in that order. */
  order: ReadonlyMap<number, number>;
  placeOf(nic: Nic): Place;
  /** How many queue IRQs earlier NICs of this plan were given, by CPU. */
  load: Map<number, number>;
};

type Key = readonly [kind: number, node: number, cache: number, core: number, cpu: number];

const keyOf = (thread: CpuThread | undefined, cpu: number): Key => [
  thread?.kind === 'efficiency' ? 1 : 0,
  thread?.node ?? -1,
  thread?.lastLevelCache[0] ?? -1,
  thread?.siblings[0] ?? cpu,
  cpu,
];

const compareKeys = (a: Key, b: Key): number => {
  for (let index = 0; index < a.length; index++) {
    const order = (a[index] ?? 0) - (b[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
};

/** The usable CPUs of a place: each core's lowest usable thread first, in cache order, then the other threads. */
const layOut = (cpus: Cpus, threadOf: Machine['thread'], order: Machine['order']): Pick<Place, 'cores' | 'threads'> => {
  const position = (cpu: number): number => order.get(cpu) ?? cpu;
  const allowed = new Set(cpus);
  const leads = (cpu: number): boolean =>
    (threadOf(cpu)?.siblings ?? []).every((sibling) => sibling >= cpu || !allowed.has(sibling));
  const sorted = [...cpus].sort((a, b) => position(a) - position(b));
  const cores = sorted.filter(leads);
  return {cores, threads: [...cores, ...sorted.filter((cpu) => !leads(cpu))]};
};

const localCpus = (facts: Facts, nic: Nic): Cpus | undefined => {
  const {pci, numaNode = -1} = nic;
  const home = pci?.numaNode ?? numaNode;
  // numa_node -1 says that the platform does not tell: it is not node 0 (Documentation/ABI/testing/sysfs-bus-pci).
  if (home < 0) return undefined;
  if (pci && pci.localCpus.length > 0) return pci.localCpus;
  return facts.numa.nodes.find(({node}) => node === home)?.cpus;
};

/** The machine as the topology rules see it; `reserved` CPUs are the user's own (`linerate_reserved_cpus`). */
export const machineOf = (facts: Facts, reserved: Cpus): Machine => {
  const {cpu} = facts;
  const byNumber = new Map(cpu.threads.map((thread) => [thread.cpu, thread]));
  const thread = (number: number): CpuThread | undefined => byNumber.get(number);
  const online = [...cpu.online].sort((a, b) => a - b);
  const usable = without(online, [...cpu.isolated, ...cpu.nohzFull, ...reserved]);
  const keyed = online.map((number) => keyOf(thread(number), number)).sort(compareKeys);
  const order = new Map(keyed.map((key, index) => [key[4], index]));
  const places = new Map<string, Place>();
  const everywhere = layOut(usable, thread, order);
  const placeOf = (nic: Nic): Place => {
    const local = localCpus(facts, nic);
    if (!local) return facts.numa.nodes.length > 1 ? {...everywhere, elsewhere: 'unknown-node'} : everywhere;
    const key = formatCpuList(local);
    const known = places.get(key);
    if (known) return known;
    const cpus = intersect(usable, local);
    const place: Place = cpus.length > 0 ? layOut(cpus, thread, order) : {...everywhere, elsewhere: 'no-local-cpu'};
    places.set(key, place);
    return place;
  };
  return {
    width: maskWidth(facts),
    online,
    usable,
    partitioned: usable.length < online.length,
    nodes: facts.numa.nodes.length,
    thread,
    order,
    placeOf,
    load: new Map(),
  };
};
