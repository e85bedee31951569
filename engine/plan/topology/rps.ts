import type {Nic} from '../../facts/nic.ts';
import type {Cpus} from '../../model/cpulist.ts';
import type {Machine, Place} from './machine.ts';

/** From here on the CPU that takes the interrupts is busy with them alone (Mb/s). */
const HIGH_RATE_MBPS = 10_000;

const busyCpus = (machine: Machine, nic: Nic, pin: number | undefined): Cpus => {
  const fast = nic.driver === 'ena' || (nic.speedMbps ?? 0) >= HIGH_RATE_MBPS;
  if (pin === undefined || !fast) return [];
  // AWS asks to spare the interrupt CPU's sibling too (ENA_Linux_Best_Practices.rst).
  return nic.driver === 'ena' ? (machine.thread(pin)?.siblings ?? [pin]) : [pin];
};

/**
 * CPUs that share a receive queue's packet work. None where every core of the NIC's node has a queue of its own, be it
 * another NIC's: there is no idle core to hand packets to. Else all of the node's usable CPUs, without the one that takes
 * the queue's interrupt at high rates, as long as any is left (Documentation/networking/scaling.rst).
 */
export const receiveCpus = (
  machine: Machine,
  place: Place,
  nic: Nic,
  queues: number,
  pin: number | undefined,
): Cpus => {
  if (queues >= place.cores.length || place.cores.every((cpu) => (machine.load.get(cpu) ?? 0) > 0)) return [];
  const busy = busyCpus(machine, nic, pin);
  const spared = place.threads.filter((cpu) => !busy.includes(cpu));
  const rest = spared.length > 0 ? spared : place.threads.filter((cpu) => cpu !== pin);
  return [...rest].sort((a, b) => a - b);
};
