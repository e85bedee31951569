import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {known} from '../model/known.ts';

const MIB = 1024 * 1024;
const RING = 2048;
// rte_mempool's per-lcore cache (RTE_MEMPOOL_CACHE_MAX_SIZE) and one burst.
const CACHE_AND_BURST = 512 + 32;
// RTE_MBUF_DEFAULT_BUF_SIZE (2048 + 128 of headroom), the mbuf itself and the object's header, rounded up.
const MBUF = 2368;
const PER_APPLICATION = 64 * MIB;

/** Huge pages of one NUMA node for user-space packet processing. */
export type NodeHugepages = {node: number; pages: number};

export type HugepageSizing = {
  /** 1048576 where the CPU has 1 GiB pages, else 2048. */
  sizeKb: number;
  nodes: readonly NodeHugepages[];
};

const queuesOf = (nic: Nic, cores: number): number =>
  Math.max(1, Math.min(known(nic.channels)?.max.combined ?? 4, cores));

const isPort = (nic: Nic): boolean =>
  nic.pci !== undefined && ['physical', 'virtual-function', 'paravirtual'].includes(nic.kind);

/** Ports of a node by their queue counts: NICs that the kernel holds and functions given to vfio or uio already. */
const portsOf = (facts: Facts, node: number, cores: number): number[] => {
  const here = (at: number): boolean => at === node || at < 0;
  return [
    ...facts.nics.filter((nic) => isPort(nic) && here(nic.pci?.numaNode ?? -1)).map((nic) => queuesOf(nic, cores)),
    ...facts.bindings.filter((binding) => here(binding.numaNode)).map(() => Math.min(4, cores)),
  ];
};

const sizeKbOf = (facts: Facts): number => {
  const sizes = facts.numa.hugepages.map((pool) => pool.sizeKb);
  const gigabyte = sizes.includes(1_048_576) || facts.cpu.flags.includes('pdpe1gb');
  return gigabyte ? 1_048_576 : sizes.length === 0 || sizes.includes(2048) ? 2048 : Math.min(...sizes);
};

/**
 * How many huge pages each node needs: its ports' queues times their descriptors, and a cache for every core, each an mbuf,
 * a quarter more for what else is allocated, and 64 MiB for the application; at most half of the node's memory.
 * 1 GiB pages only on nodes that can spare one. Derived from DPDK's guides (linux_gsg/sys_reqs, prog_guide/mempool_lib).
 */
export const packetHugepages = (facts: Facts): HugepageSizing => {
  const wanted = facts.numa.nodes
    .filter((node) => node.memoryKb > 0 && node.cpus.length > 0)
    .map((node) => {
      const cores = node.cpus.length;
      const ports = portsOf(facts, node.node, cores);
      const buffers = ports.reduce((sum, queues) => sum + queues * 2 * RING, 0) + cores * CACHE_AND_BURST;
      const bytes = ports.length === 0 ? 0 : buffers * MBUF * 1.25 + PER_APPLICATION;
      return {node: node.node, bytes, half: (node.memoryKb * 1024) / 2};
    });
  const preferred = sizeKbOf(facts);
  const small = wanted.some(({bytes, half}) => bytes > 0 && half < preferred * 1024);
  const sizeKb = small ? 2048 : preferred;
  const pages = (bytes: number, half: number): number =>
    Math.min(Math.ceil(bytes / (sizeKb * 1024)), Math.floor(half / (sizeKb * 1024)));
  return {sizeKb, nodes: wanted.map(({node, bytes, half}) => ({node, pages: pages(bytes, half)}))};
};
