import type {CpuThread} from '../../facts/cpu.ts';
import type {Facts} from '../../facts/facts.ts';
import {type Cpus, formatCpuList, union} from '../../model/cpulist.ts';
import {Fault} from '../../model/fault.ts';

/** The cores that poll NICs, one thread of each, and what goes with them. */
export type PacketCores = {
  /** The core for everything that is no polling: the first of the first node; it stays with the kernel too. */
  main: number;
  /** One CPU of each polling core, in ascending order; empty on a host that has no core to spare. */
  workers: Cpus;
  /** The workers with their SMT siblings: nothing else should run there. */
  apart: Cpus;
};

/** First online threads of a node's cores, in the order of their numbers. */
const coresOf = (facts: Facts, node: number): readonly CpuThread[] =>
  facts.cpu.threads.filter((thread) => thread.online && thread.node === node && thread.cpu === thread.siblings[0]);

/** Nodes as they stand for NICs: those of -1 may be anywhere. */
const nodesFor = (facts: Facts, numaNodes: readonly number[]): readonly number[] => {
  const all = [...new Set(facts.cpu.threads.filter(({online}) => online).map(({node}) => node))].sort((a, b) => a - b);
  const near = all.filter((node) => numaNodes.includes(node));
  return near.length === 0 || numaNodes.some((node) => node < 0) ? all : near;
};

/** Takes from each list in turn. */
const inTurn = <T>(lists: readonly (readonly T[])[], count: number): readonly T[] => {
  const longest = Math.max(0, ...lists.map(({length}) => length));
  const dealt = Array.from({length: longest}, (_, place) => lists.flatMap((list) => list.slice(place, place + 1)));
  return dealt.flat().slice(0, count);
};

/**
 * Cores for NICs on these nodes: one thread a core, the first core of every node left to the kernel, nodes in turn. The same
 * before and after they are isolated. All that there are where no number is asked for. (DPDK guides/linux_gsg/nic_perf…,
 * enable_func)
 * @throws Fault `too-few-cores` where there are not as many as asked for
 */
export const packetCores = (facts: Facts, numaNodes: readonly number[], count?: number): PacketCores => {
  const nodes = nodesFor(facts, numaNodes);
  const spare = nodes.map((node) => coresOf(facts, node).slice(1));
  const cores = inTurn(spare, count ?? Infinity);
  if (count !== undefined && cores.length < count)
    throw new Fault({
      code: 'too-few-cores',
      owner: 'user',
      message: `${String(count)} packet cores are asked for, and node ${formatCpuList(nodes)} of the NICs has ${String(cores.length)} to spare`,
      hint: 'the first core of each node stays with the kernel, and threads of one core count once',
    });
  return {
    main: nodes.flatMap((node) => coresOf(facts, node).slice(0, 1))[0]?.cpu ?? facts.cpu.online[0] ?? 0,
    workers: cores.map(({cpu}) => cpu).sort((a, b) => a - b),
    apart: cores.reduce((cpus: Cpus, {siblings}) => union(cpus, siblings), []),
  };
};
