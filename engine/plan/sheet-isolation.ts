import type {Facts} from '../facts/facts.ts';
import {formatCpuList, without, type Cpus} from '../model/cpulist.ts';

/** The lowest online core of each NUMA node with all its threads: it stays with the kernel and its interrupts. */
const housekeeping = (facts: Facts): Cpus => {
  const byNode = new Map<number, Cpus>();
  for (const thread of facts.cpu.threads)
    if (thread.online && !byNode.has(thread.node)) byNode.set(thread.node, thread.siblings);
  return [...new Set([...byNode.values()].flat())].sort((a, b) => a - b);
};

/** How many online cores there are, threads of one core counted once. */
export const onlineCores = (facts: Facts): number =>
  new Set(facts.cpu.threads.filter((thread) => thread.online).map((thread) => thread.siblings[0] ?? thread.cpu)).size;

/**
 * The CPUs that a kernel-bypass host gives to its packet cores, as a CPU list: what is isolated already, or without a tick
 * (TuneD's cpu-partitioning), else all but the first core of every node (DPDK's Linux guide). Null on a host of fewer than
 * four cores, which has none to spare.
 */
export const packetCpus = (facts: Facts): string | null => {
  const apart = facts.cpu.isolated.length > 0 ? facts.cpu.isolated : facts.cpu.nohzFull;
  if (apart.length > 0) return formatCpuList(apart);
  if (onlineCores(facts) < 4) return null;
  const rest = without(facts.cpu.online, housekeeping(facts));
  return rest.length === 0 ? null : formatCpuList(rest);
};
