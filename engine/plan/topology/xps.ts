import type {Cpus} from '../../model/cpulist.ts';
import type {Machine} from './machine.ts';

type Closeness = (cpu: number, pin: number) => boolean;

const closeness = (machine: Machine): readonly Closeness[] => [
  (cpu, pin) => cpu === pin,
  (cpu, pin) => machine.thread(cpu)?.siblings.includes(pin) ?? false,
  (cpu, pin) => {
    const cache = machine.thread(cpu)?.lastLevelCache[0];
    return cache !== undefined && cache === machine.thread(pin)?.lastLevelCache[0];
  },
  (cpu, pin) => machine.thread(cpu)?.node === machine.thread(pin)?.node,
  () => true,
];

/** CPU sets of the queues that grow evenly: to `base` CPUs, and `larger` of them to one more. */
type Shares = {sets: number[][]; base: number; larger: number};

const evenShares = (cpus: number, queues: number): Shares => ({
  sets: Array.from({length: queues}, () => []),
  base: Math.floor(cpus / queues),
  larger: cpus % queues,
});

const add = (shares: Shares, queue: number, cpu: number): void => {
  const set = shares.sets[queue];
  set?.push(cpu);
  if (set && set.length > shares.base) shares.larger--;
};

/** The emptiest queue with room whose interrupt is near; the first of equals. */
const emptiest = (shares: Shares, pins: readonly number[], near: (pin: number) => boolean): number | undefined => {
  let best: number | undefined;
  let least = shares.base + (shares.larger > 0 ? 1 : 0);
  for (let queue = 0; queue < pins.length; queue++) {
    const size = shares.sets[queue]?.length ?? 0;
    if (size >= least || !near(pins[queue] ?? -1)) continue;
    best = queue;
    least = size;
  }
  return best;
};

/**
 * Shares all online CPUs out over a NIC's tx queues, evenly to one CPU: each CPU to a queue whose interrupt it takes
 * itself, else its core, its cache, its node, or any. With more queues than CPUs the queues left over get the CPU of
 * their own interrupt. `pins` are the queues' IRQ CPUs.
 */
export const shareTransmit = (machine: Machine, pins: readonly number[]): readonly Cpus[] => {
  const shares = evenShares(machine.online.length, pins.length);
  const order = (cpu: number): number => machine.order.get(cpu) ?? cpu;
  let left = [...machine.online].sort((a, b) => order(a) - order(b));
  for (const near of closeness(machine)) {
    left = left.filter((cpu) => {
      const queue = emptiest(shares, pins, (pin) => near(cpu, pin));
      if (queue !== undefined) add(shares, queue, cpu);
      return queue === undefined;
    });
  }
  return shares.sets.map((set, queue) => (set.length > 0 ? set.sort((a, b) => a - b) : [pins[queue] ?? 0]));
};
