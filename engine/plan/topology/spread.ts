import type {Machine, Place} from './machine.ts';

/**
 * A CPU for each of `queues` queues of one NIC: one a core while there are cores, then their siblings, then round again.
 * CPUs that earlier NICs use least come first, so that a NIC's queues differ by at most one a CPU and so do a node's.
 * Neighbouring queues get neighbouring cores, which share a cache. Empty when the place has no CPU.
 */
export const spreadQueues = (machine: Machine, place: Place, queues: number): readonly number[] => {
  const list = queues <= place.cores.length ? place.cores : place.threads;
  if (list.length === 0) return [];
  const load = (cpu: number): number => machine.load.get(cpu) ?? 0;
  const sorted = list
    .map((cpu, position) => ({cpu, position, load: load(cpu)}))
    .sort((a, b) => a.load - b.load || a.position - b.position);
  const pins = Array.from({length: queues}, (_, queue) => sorted[queue % sorted.length]?.cpu ?? 0);
  for (const cpu of pins) machine.load.set(cpu, load(cpu) + 1);
  return pins;
};
