import {type Cpus, intersect, parseCpuList} from '../model/cpulist.ts';
import {parseCpuMask} from '../model/cpumask.ts';
import {onlineCpus} from './cpu.ts';
import type {Fact} from './fact.ts';
import {type Frames, numberOf, textOf} from './frames.ts';
import {quotedPatterns} from './merged-files.ts';
import {present} from './present.ts';

export type HugepagePool = {
  /** Page size in kB: 2048, 1048576. */
  sizeKb: number;
  total: number;
  free: number;
};

export type NumaNode = {
  node: number;
  /** Online CPUs only; empty for nodes of memory alone (CXL, HBM). */
  cpus: Cpus;
  memoryKb: number;
  freeKb: number;
  /** By node number in ascending order of nodes. */
  distances: readonly number[];
  hugepages: readonly HugepagePool[];
};

/** Memory, machine-wide and by node. A kernel without NUMA is one node 0. */
export type Numa = {
  memoryKb: number;
  nodes: readonly NumaNode[];
  /** Machine-wide pools (all nodes together). */
  hugepages: readonly HugepagePool[];
  /** Text of `/sys/kernel/mm/transparent_hugepage/enabled`'s chosen word; undefined when the kernel has no THP. */
  thpEnabled?: string;
  thpDefrag?: string;
};

const NODE = '/sys/devices/system/node';
const MM = '/sys/kernel/mm';

const POOL_FILES = ['nr', 'free'].map((name) => `hugepages/hugepages-*/${name}_hugepages`);
const FILES = [
  'kernel/mm/transparent_hugepage/enabled',
  'kernel/mm/transparent_hugepage/defrag',
  'devices/system/cpu/online',
  ...POOL_FILES.map((path) => `kernel/mm/${path}`),
  ...['cpulist', 'cpumap', 'distance', ...POOL_FILES].map((path) => `devices/system/node/node[0-9]*/${path}`),
];

const SCRIPT = `w '^(Node +[0-9]+ )?(MemTotal|MemFree):' /proc/meminfo '/sys/devices/system/node/node[0-9]*/meminfo'
g /sys ${quotedPatterns(FILES)}`;

const kilobytes = (text: string | undefined, name: string): number =>
  Number(new RegExp(`(?:^|\\s)${name}:\\s+(\\d+) kB`, 'm').exec(text ?? '')?.[1] ?? 0);

type Pools = ReadonlyMap<string, readonly HugepagePool[]>;

const POOL = /^(\/sys\/.*\/hugepages)\/hugepages-(\d+)kB\/nr_hugepages$/;

/** All pools by the folder that they lie in, by size. */
const poolsOf = (frames: Frames): Pools => {
  const pools = new Map<string, HugepagePool[]>();
  for (const path of frames.files.keys()) {
    const [, folder, sizeKb] = path.endsWith('/nr_hugepages') ? (POOL.exec(path) ?? []) : [];
    if (folder === undefined) continue;
    const free = numberOf(frames, path.replace(/nr_hugepages$/, 'free_hugepages')) ?? 0;
    const pool = {sizeKb: Number(sizeKb), total: numberOf(frames, path) ?? 0, free};
    pools.set(
      folder,
      [...(pools.get(folder) ?? []), pool].sort((a, b) => a.sizeKb - b.sizeKb),
    );
  }
  return pools;
};

const NODE_FILE = /^\/sys\/devices\/system\/node\/node(\d+)\//;

const nodeNumbers = (frames: Frames): readonly number[] => {
  const found = new Set<number>();
  for (const path of frames.files.keys()) {
    const match = NODE_FILE.exec(path);
    if (match) found.add(Number(match[1]));
  }
  return [...found].sort((a, b) => a - b);
};

/** A node's online CPUs: old kernels, and a cpuset's view, list offline ones too, or have the mask alone. */
const cpusOf = (frames: Frames, directory: string): Cpus => {
  const cpus =
    parseCpuList(textOf(frames, `${directory}/cpulist`) ?? '?') ??
    parseCpuMask(textOf(frames, `${directory}/cpumap`) ?? '') ??
    [];
  return intersect(cpus, onlineCpus(frames));
};

const nodeOf = (frames: Frames, node: number, pools: Pools): NumaNode => {
  const directory = `${NODE}/node${String(node)}`;
  const memory = frames.files.get(`${directory}/meminfo`);
  const distances = textOf(frames, `${directory}/distance`) ?? '';
  return {
    node,
    cpus: cpusOf(frames, directory),
    memoryKb: kilobytes(memory, 'MemTotal'),
    freeKb: kilobytes(memory, 'MemFree'),
    distances: distances
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number),
    hugepages: pools.get(`${directory}/hugepages`) ?? [],
  };
};

const onlyNode = (frames: Frames, pools: Pools): NumaNode => {
  const memory = frames.files.get('/proc/meminfo');
  return {
    node: 0,
    cpus: onlineCpus(frames),
    memoryKb: kilobytes(memory, 'MemTotal'),
    freeKb: kilobytes(memory, 'MemFree'),
    distances: [10],
    hugepages: pools.get(`${MM}/hugepages`) ?? [],
  };
};

// A file of alternatives reads `always [madvise] never`.
const chosen = (frames: Frames, path: string): string | undefined =>
  /\[([^\]]+)\]/.exec(textOf(frames, path) ?? '')?.[1];

const parse = (frames: Frames): Numa => {
  const numbers = nodeNumbers(frames);
  const pools = poolsOf(frames);
  const nodes = numbers.length === 0 ? [onlyNode(frames, pools)] : numbers.map((node) => nodeOf(frames, node, pools));
  const total = kilobytes(frames.files.get('/proc/meminfo'), 'MemTotal');
  return present({
    memoryKb: total === 0 ? nodes.reduce((sum, node) => sum + node.memoryKb, 0) : total,
    nodes,
    hugepages: pools.get(`${MM}/hugepages`) ?? [],
    thpEnabled: chosen(frames, `${MM}/transparent_hugepage/enabled`),
    thpDefrag: chosen(frames, `${MM}/transparent_hugepage/defrag`),
  });
};

export const numa: Fact<Numa> = {name: 'numa', script: () => SCRIPT, parse};
