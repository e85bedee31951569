import type {CpuThread} from '../../facts/cpu.ts';
import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Cpus} from '../../model/cpulist.ts';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {nicOf} from '../../resources/lookup.ts';

/** The NUMA node of a NIC; undefined where nobody tells, or the host has no such NIC. */
export const nodeOfNic = (facts: Facts, name: string): number | undefined => {
  const nic = nicOf(facts, name);
  const node = nic?.pci?.numaNode ?? nic?.numaNode;
  return node === undefined || node < 0 ? undefined : node;
};

const isFree = (facts: Facts, {cpu, online}: CpuThread): boolean => online && !facts.cpu.isolated.includes(cpu);

// First threads of all cores, then their siblings: a worker for each of the first n CPUs has a core of its own as long as
// there are as many.
const coresFirst = (threads: readonly CpuThread[]): readonly number[] => {
  const isFirst = ({cpu, siblings}: CpuThread): boolean => cpu === (siblings[0] ?? cpu);
  return [...threads.filter(isFirst), ...threads.filter((thread) => !isFirst(thread))].map(({cpu}) => cpu);
};

export type Placement = {
  /** Exactly these, in this order. */
  cpus?: Cpus | undefined;
  /** Those of this NIC's NUMA node, where it is known. */
  near?: string | undefined;
  /** The first thread of each core only. */
  coresOnly?: boolean;
};

/** The CPUs for a server's workers or threads, one for each: online, not isolated, whole cores before their siblings. */
export const workerCpus = (facts: Facts, {cpus, near, coresOnly = false}: Placement = {}): Cpus => {
  if (cpus !== undefined) return cpus;
  const node = near === undefined ? undefined : nodeOfNic(facts, near);
  const free = facts.cpu.threads.filter(
    (thread) => isFree(facts, thread) && (node === undefined || thread.node === node),
  );
  const chosen = free.length > 0 ? free : facts.cpu.threads.filter(({online}) => online);
  return coresFirst(coresOnly ? chosen.filter(({cpu, siblings}) => cpu === (siblings[0] ?? cpu)) : chosen);
};

/**
 * The interfaces of these names.
 * @throws Fault `no-such-nic` where the host has none of that name
 */
export const interfaces = (facts: Facts, names: readonly string[]): readonly Nic[] =>
  names.map((name) => {
    const nic = nicOf(facts, name);
    if (nic) return nic;
    throw new Fault({
      code: 'no-such-nic',
      owner: 'user',
      message: `this host has no NIC "${printableLine(name, 100)}"`,
      hint: `there are ${printableLine(facts.nics.map((one) => one.name).join(', '), 500)}`,
    });
  });
