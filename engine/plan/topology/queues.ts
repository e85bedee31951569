import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import {formatCpuList, intersect} from '../../model/cpulist.ts';
import {formatCpuMask} from '../../model/cpumask.ts';
import {isUnknown, known} from '../../model/known.ts';
import {irqsOf} from '../../resources/lookup.ts';
import type {Request} from '../request.ts';
import {queuesNow, type QueueCounts} from './channels.ts';
import type {Machine, Place} from './machine.ts';
import {receiveCpus} from './rps.ts';
import {ruled, type Rules} from './rules.ts';
import {spreadQueues} from './spread.ts';
import {vectorsWanted} from './vectors.ts';
import {shareTransmit} from './xps.ts';

/** One NIC with what its topology settings are made of. */
export type NicTopology = {
  nic: Nic;
  rules: Rules;
  /** The queues that it will have once its channels are set. */
  counts: QueueCounts;
  place: Place;
  /** The CPU of each queue's interrupt: where the rule puts it, else where it is now; by queue. */
  pins: readonly (number | undefined)[];
};

/** Where interrupts that nobody moves are served now, by queue. */
const pinsNow = (nic: Nic, queues: number): readonly (number | undefined)[] => {
  const pins: (number | undefined)[] = Array.from({length: queues}, () => undefined);
  for (const {queue, effective, affinity} of nic.irqs) {
    if (queue === undefined || queue >= queues || pins[queue] !== undefined) continue;
    pins[queue] = known(effective)?.[0] ?? known(affinity)?.[0];
  }
  return pins;
};

export const topologyOf = (machine: Machine, nic: Nic, rules: Rules, counts: QueueCounts): NicTopology => {
  const place = machine.placeOf(nic);
  const queues = Math.max(counts.rx, counts.tx);
  const pins = rules.irq ? spreadQueues(machine, place, queues) : pinsNow(nic, queues);
  return {nic, rules, counts, place, pins};
};

/** Queue vectors to their CPUs; the others off the CPUs that are kept free, where any are. */
export const irqRequests = (facts: Facts, machine: Machine, topology: NicTopology): readonly Request[] => {
  const {nic, rules, counts, place, pins} = topology;
  const rule = rules.irq;
  if (!rule || place.threads.length === 0) return [];
  const irqs = irqsOf(facts, nic.name);
  const queues = vectorsWanted(irqs, queuesNow(nic), counts).map(({name, queue}) =>
    ruled(rule, 'irq', `irq ${nic.name} ${name}`, String(pins[queue])),
  );
  const local = intersect(machine.usable, place.threads);
  const others = machine.partitioned ? [...irqs.keys()].filter((name) => name.startsWith('other-')) : [];
  return [...queues, ...others.map((name) => ruled(rule, 'irq', `irq ${nic.name} ${name}`, formatCpuList(local)))];
};

export const rpsRequests = (machine: Machine, {nic, rules, counts, place, pins}: NicTopology): readonly Request[] => {
  const rule = rules.rps;
  if (!rule) return [];
  const mask = (queue: number): string => {
    const cpus = rule.value === 'off' ? [] : receiveCpus(machine, place, nic, counts.rx, pins[queue]);
    return formatCpuMask(cpus, machine.width);
  };
  return Array.from({length: counts.rx}, (_, queue) =>
    ruled(rule, 'rps', `queue ${nic.name} rx-${String(queue)} rps`, mask(queue)),
  );
};

/** `entries` of the flow table in all, shared out over the NIC's queues. A single CPU leaves flows nowhere to go. */
export const rfsRequests = (
  machine: Machine,
  {nic, rules, counts}: NicTopology,
  entries: number,
): readonly Request[] => {
  const rule = rules.rfs;
  if (!rule || machine.online.length < 2) return [];
  const each = rule.value === 'off' ? 0 : Math.ceil(entries / Math.max(1, counts.rx));
  return Array.from({length: counts.rx}, (_, queue) =>
    ruled(rule, 'rfs', `queue ${nic.name} rx-${String(queue)} rfs`, String(each)),
  );
};

export const xpsRequests = (machine: Machine, {nic, rules, counts, pins}: NicTopology): readonly Request[] => {
  const rule = rules.xps;
  // With one tx queue the file answers ENOENT and there is nothing to choose (net/core/net-sysfs.c); traffic classes need
  // maps of their own.
  if (!rule || counts.tx < 2 || nic.qdisc?.startsWith('mqprio')) return [];
  const clear = rule.value === 'clear';
  const known = Array.from(
    {length: counts.tx},
    (_, queue) => pins[queue] ?? machine.online[queue % machine.online.length] ?? 0,
  );
  const sets = clear ? known.map(() => []) : shareTransmit(machine, known);
  return sets.map((cpus, queue) =>
    ruled(rule, 'xps', `queue ${nic.name} tx-${String(queue)} xps`, formatCpuMask(cpus, machine.width)),
  );
};

export const rssRequests = ({nic, rules, counts}: NicTopology): readonly Request[] => {
  const rule = rules.rss;
  if (!rule || counts.rx < 2 || isUnknown(nic.rss) || nic.rss.slots.length === 0) return [];
  return [ruled(rule, 'rss', `rss ${nic.name}`, `equal ${String(Math.min(counts.rx, nic.rss.slots.length))}`)];
};
