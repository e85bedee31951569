import type {Cpus} from '../model/cpulist.ts';

export type HugepagePool = {
  /** Page size in kB: 2048, 1048576. */
  sizeKb: number;
  total: number;
  free: number;
};

export type NumaNode = {
  node: number;
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
