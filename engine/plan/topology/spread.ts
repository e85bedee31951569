import type {Cpus} from '../../model/cpulist.ts';
import type {Machine, Place} from './machine.ts';

const leastUsedFirst = (machine: Machine, cpus: Cpus): readonly number[] =>
  cpus
    .map((cpu, position) => ({cpu, position, load: machine.load.get(cpu) ?? 0}))
    .sort((a, b) => a.load - b.load || a.position - b.position)
    .map(({cpu}) => cpu);

/**
 * A CPU for each of `queues` queues of one NIC: one a core while there are cores, then their siblings, then round again.
 * Of equals those come first that earlier NICs use least, so that NICs on one node do not meet on the same cores.
 * Neighbouring queues get neighbouring cores, which share a cache. Empty when the place has no CPU.
 */
export const spreadQueues = (machine: Machine, place: Place, queues: number): readonly number[] => {
  const siblings = queues > place.cores.length ? place.threads.slice(place.cores.length) : [];
  const cpus = [...leastUsedFirst(machine, place.cores), ...leastUsedFirst(machine, siblings)];
  if (cpus.length === 0) return [];
  const pins = Array.from({length: queues}, (_, queue) => cpus[queue % cpus.length] ?? 0);
  for (const cpu of pins) machine.load.set(cpu, (machine.load.get(cpu) ?? 0) + 1);
  return pins;
};
