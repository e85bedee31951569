import {type Cpus, formatCpuList, parseCpuList} from '../model/cpulist.ts';
import {parseCpuMask} from '../model/cpumask.ts';
import type {Fact} from './fact.ts';
import {type Frames, numberOf, textOf} from './frames.ts';
import {present} from './present.ts';

export type CpuThread = {
  cpu: number;
  online: boolean;
  /** physical_package_id, die_id, core_id; -1 where the kernel does not tell (offline CPUs). */
  socket: number;
  die: number;
  core: number;
  /** All threads of its core, itself included; just itself where unknown. */
  siblings: Cpus;
  /** NUMA node; -1 where the kernel has none or the CPU is offline. */
  node: number;
  /** CPUs that share its last-level cache; empty where unknown. */
  lastLevelCache: Cpus;
  /** Hybrid machines: `performance` or `efficiency`; absent elsewhere. */
  kind?: 'performance' | 'efficiency';
};

/** CPU topology, by CPU number. */
export type Cpu = {
  model: string;
  /** Flags that plans depend on: `pdpe1gb`, `avx512f`, `constant_tsc` … */
  flags: readonly string[];
  possible: Cpus;
  present: Cpus;
  online: Cpus;
  isolated: Cpus;
  nohzFull: Cpus;
  threads: readonly CpuThread[];
  /** `on`, `off`, `forceoff`, `notsupported`, `notimplemented`; undefined on kernels without it. */
  smtControl?: string;
};

const CPU = '/sys/devices/system/cpu';

// The masks are all that kernels before 2.6.26 have. Of /proc/cpuinfo one CPU will do: the whole is 1 MB on 512 of them.
const SCRIPT = String.raw`
if [ -e "$R${CPU}/cpu0/topology/thread_siblings_list" ]; then lists=_list; else lists=; fi
if [ -e "$R${CPU}/cpu0/cache/index0/shared_cpu_list" ]; then shared=list; else shared=map; fi
g ${CPU} possible present online isolated nohz_full smt/control 'cpu[0-9]*/online' 'cpu[0-9]*/cpu_capacity' \
  'cpu[0-9]*/topology/physical_package_id' 'cpu[0-9]*/topology/die_id' 'cpu[0-9]*/topology/core_id' \
  "cpu[0-9]*/topology/thread_siblings$lists" \
  'cpu[0-9]*/cache/index[1-9]/level' "cpu[0-9]*/cache/index[1-9]/shared_cpu_$shared"
g /sys/devices 'system/node/node[0-9]*/cpulist' cpu_core/cpus cpu_atom/cpus
printf '%s file /proc/cpuinfo\n' "$T"
[ ! -r "$R/proc/cpuinfo" ] || while IFS= read -r line && [ -n "$line" ]; do
  case $line in model\ name*|cpu*|flags*|Features*|vendor*|family*|Processor*|CPU\ *) printf '%s\n' "$line" ;; esac
done <"$R/proc/cpuinfo"`;

const setOf = (frames: Frames, path: string): Cpus | undefined => {
  const text = textOf(frames, path);
  return text === undefined ? undefined : parseCpuList(text);
};

/** `NAME_list` or, on old kernels, the mask `NAME` beside it. */
const listOrMask = (frames: Frames, list: string, mask: string): Cpus | undefined => {
  const text = textOf(frames, mask);
  return setOf(frames, list) ?? (text === undefined ? undefined : parseCpuMask(text));
};

const CPU_PATH = /^\/sys\/devices\/system\/cpu\/cpu(\d+)\//;
const NODE_PATH = /^\/sys\/devices\/system\/node\/node(\d+)\/cpulist$/;

/** CPUs that have a folder, for kernels without `possible` and `present` (before 2.6.29). */
const foldersOf = (frames: Frames): Cpus => {
  const found = new Set<number>();
  for (const path of frames.files.keys()) {
    const match = CPU_PATH.exec(path);
    if (match) found.add(Number(match[1]));
  }
  return [...found].sort((a, b) => a - b);
};

const nodesByCpu = (frames: Frames): ReadonlyMap<number, number> => {
  const nodes = new Map<number, number>();
  for (const [path, text] of frames.files) {
    const match = NODE_PATH.exec(path);
    if (match) for (const cpu of parseCpuList(text) ?? []) nodes.set(cpu, Number(match[1]));
  }
  return nodes;
};

/** The widest of the caches with the highest level; equal sets are shared between CPUs, which saves memory on 512. */
const lastLevelCacheOf = (frames: Frames, cpu: number): Cpus => {
  let best: {level: number; cpus: Cpus} = {level: 0, cpus: []};
  for (let index = 1; index <= 9; index++) {
    const cache = `${CPU}/cpu${String(cpu)}/cache/index${String(index)}`;
    const level = numberOf(frames, `${cache}/level`);
    if (level === undefined || level <= best.level) continue;
    // Some ia64 kernels say that nobody shares the outer caches, not even the CPU itself.
    const cpus = listOrMask(frames, `${cache}/shared_cpu_list`, `${cache}/shared_cpu_map`) ?? [];
    if (cpus.length > 0) best = {level, cpus};
  }
  return best.level < 2 ? [] : best.cpus;
};

type Kinds = ReadonlyMap<number, 'performance' | 'efficiency'>;

/** Intel names its two kinds by PMU; elsewhere (ARM) the kernel gives each CPU a capacity, 1024 being the fastest. */
const kindsOf = (frames: Frames, cpus: Cpus): Kinds => {
  const fast = setOf(frames, '/sys/devices/cpu_core/cpus');
  const slow = setOf(frames, '/sys/devices/cpu_atom/cpus');
  if (fast && slow && slow.length > 0) {
    return new Map([
      ...fast.map((cpu) => [cpu, 'performance'] as const),
      ...slow.map((cpu) => [cpu, 'efficiency'] as const),
    ]);
  }
  const capacities = cpus.flatMap((cpu) => {
    const capacity = numberOf(frames, `${CPU}/cpu${String(cpu)}/cpu_capacity`);
    return capacity === undefined ? [] : [[cpu, capacity] as const];
  });
  const most = Math.max(0, ...capacities.map(([, capacity]) => capacity));
  const hybrid = capacities.some(([, capacity]) => capacity < most * 0.9);
  if (!hybrid) return new Map();
  return new Map(capacities.map(([cpu, capacity]) => [cpu, capacity < most * 0.9 ? 'efficiency' : 'performance']));
};

const threadOf = (frames: Frames, cpu: number, online: boolean, node: number): CpuThread => {
  const topology = `${CPU}/cpu${String(cpu)}/topology`;
  const number = (name: string): number => numberOf(frames, `${topology}/${name}`) ?? -1;
  const siblings = listOrMask(frames, `${topology}/thread_siblings_list`, `${topology}/thread_siblings`) ?? [];
  return {
    cpu,
    online,
    socket: number('physical_package_id'),
    die: number('die_id'),
    core: number('core_id'),
    siblings: siblings.includes(cpu) ? siblings : [cpu],
    node,
    lastLevelCache: lastLevelCacheOf(frames, cpu),
  };
};

/** One array for each distinct set: 512 CPUs share a handful. */
const sharing = (): ((cpus: Cpus) => Cpus) => {
  const seen = new Map<string, Cpus>();
  return (cpus) => {
    const key = formatCpuList(cpus);
    const known = seen.get(key);
    if (known === undefined) seen.set(key, cpus);
    return known ?? cpus;
  };
};

const cpuinfo = (frames: Frames, ...names: readonly string[]): string => {
  const lines = (frames.files.get('/proc/cpuinfo') ?? '').split('\n');
  for (const name of names) {
    const line = lines.find((candidate) => candidate.split(':')[0]?.trim() === name);
    if (line !== undefined) return line.slice(line.indexOf(':') + 1).trim();
  }
  return '';
};

const presentCpusOf = (frames: Frames): Cpus => setOf(frames, `${CPU}/present`) ?? foldersOf(frames);

/** CPUs that run; kernels before 2.6.26 tell by one file a CPU, and none for those that cannot be stopped. */
export const onlineCpus = (frames: Frames): Cpus =>
  setOf(frames, `${CPU}/online`) ??
  presentCpusOf(frames).filter((cpu) => numberOf(frames, `${CPU}/cpu${String(cpu)}/online`) !== 0);

const parse = (frames: Frames): Cpu => {
  const presentCpus = presentCpusOf(frames);
  const online = onlineCpus(frames);
  const isOnline = new Set(online);
  const nodes = nodesByCpu(frames);
  const kinds = kindsOf(frames, presentCpus);
  const shared = sharing();
  const threads = presentCpus.map((cpu) => {
    const thread = threadOf(frames, cpu, isOnline.has(cpu), nodes.get(cpu) ?? -1);
    const sets = {siblings: shared(thread.siblings), lastLevelCache: shared(thread.lastLevelCache)};
    return present({...thread, ...sets, kind: kinds.get(cpu)});
  });
  return present({
    model: cpuinfo(frames, 'model name', 'cpu model', 'cpu', 'Processor', 'family', 'CPU part', 'vendor_id'),
    flags: cpuinfo(frames, 'flags', 'Features')
      .split(/\s+/)
      .filter((flag) => flag !== ''),
    possible: setOf(frames, `${CPU}/possible`) ?? presentCpus,
    present: presentCpus,
    online,
    isolated: setOf(frames, `${CPU}/isolated`) ?? [],
    // Kernels that have the file but no such CPUs print ` (null)` in it.
    nohzFull: setOf(frames, `${CPU}/nohz_full`) ?? [],
    threads,
    smtControl: textOf(frames, `${CPU}/smt/control`),
  });
};

export const cpu: Fact<Cpu> = {name: 'cpu', script: () => SCRIPT, parse};
