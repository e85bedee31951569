import type {Cpus} from '../model/cpulist.ts';

export type CpuThread = {
  cpu: number;
  online: boolean;
  /** physical_package_id, die_id, core_id; -1 where the kernel does not tell (offline CPUs). */
  socket: number;
  die: number;
  core: number;
  /** All threads of its core, itself included; just itself where unknown. */
  siblings: Cpus;
  /** NUMA node; -1 where the kernel has none. */
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
