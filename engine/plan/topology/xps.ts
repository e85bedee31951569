import type {Cpus} from '../../model/cpulist.ts';
import type {Machine} from './machine.ts';

/** What a CPU and a queue's interrupt CPU have in common, closest first: itself, its core, its cache, its node, the machine. */
const LEVELS: readonly ((machine: Machine, cpu: number) => number)[] = [
  (_machine, cpu) => cpu,
  (machine, cpu) => machine.thread(cpu)?.siblings[0] ?? cpu,
  (machine, cpu) => machine.thread(cpu)?.lastLevelCache[0] ?? -1,
  (machine, cpu) => machine.thread(cpu)?.node ?? -1,
  () => 0,
];

/** CPU sets of the queues that grow evenly: to `base` CPUs, and `larger` of them to one more. */
type Shares = {sets: number[][]; base: number; larger: number};

const evenShares = (cpus: number, queues: number): Shares => ({
  sets: Array.from({length: queues}, () => []),
  base: Math.floor(cpus / queues),
  larger: cpus % queues,
});

/** Gives a CPU to the emptiest of some queues that has room, the first of equals; false when none has. */
const place = (shares: Shares, queues: readonly number[], cpu: number): boolean => {
  let best: number[] | undefined;
  let least = shares.base + (shares.larger > 0 ? 1 : 0);
  for (const queue of queues) {
    const set = shares.sets[queue];
    if (set === undefined || set.length >= least) continue;
    best = set;
    least = set.length;
  }
  if (best?.push(cpu) === shares.base + 1) shares.larger--;
  return best !== undefined;
};

const queuesBy = (pins: readonly number[], keyOf: (cpu: number) => number): ReadonlyMap<number, readonly number[]> => {
  const queues = new Map<number, number[]>();
  for (const [queue, pin] of pins.entries()) {
    const key = keyOf(pin);
    const found = queues.get(key);
    if (found) found.push(queue);
    else queues.set(key, [queue]);
  }
  return queues;
};

/**
 * Shares all online CPUs out over a NIC's tx queues, evenly to one CPU: each CPU to a queue whose interrupt it takes
 * itself, else its core, its cache, its node, or any. With more queues than CPUs the queues left over get the CPU of
 * their own interrupt. `pins` are the queues' IRQ CPUs.
 */
export const shareTransmit = (machine: Machine, pins: readonly number[]): readonly Cpus[] => {
  const shares = evenShares(machine.online.length, pins.length);
  let left: Cpus = [...machine.order.keys()];
  for (const level of LEVELS) {
    const near = queuesBy(pins, (pin) => level(machine, pin));
    left = left.filter((cpu) => !place(shares, near.get(level(machine, cpu)) ?? [], cpu));
  }
  return shares.sets.map((set, queue) => (set.length > 0 ? set.sort((a, b) => a - b) : [pins[queue] ?? 0]));
};
