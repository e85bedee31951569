import type {Facts} from '../facts/facts.ts';
import type {Nic, NicIrq, RxQueue, TxQueue} from '../facts/nic.ts';
import {formatCpuList} from '../model/cpulist.ts';
import {formatCpuMask, parseCpuMask} from '../model/cpumask.ts';
import type {Step} from '../model/change.ts';
import {isUnknown} from '../model/known.ts';
import {maskWidth} from './lookup.ts';

const FILES: Readonly<Record<string, string>> = {
  rps: 'rps_cpus',
  rfs: 'rps_flow_cnt',
  xps: 'xps_cpus',
  'bql.limit_min': 'byte_queue_limits/limit_min',
  'bql.limit_max': 'byte_queue_limits/limit_max',
};

/** Writes one attribute of a queue such as `rx-3`. */
export const queueSteps = (nic: string, queue: string, attribute: string, want: string): readonly Step[] => {
  const file = FILES[attribute] ?? attribute;
  return [{do: 'write', path: `/sys/class/net/${nic}/queues/${queue}/${file}`, text: want}];
};

/** The CPUs of an interrupt, by the name that the kernel lists it with; none for one without a name. */
export const affinitySteps = (irq: NicIrq, cpus: string): readonly Step[] =>
  irq.name === '' ? [] : [{do: 'affinity', irq: irq.name, cpus}];

const receive = (facts: Facts, nic: string, {index, rps, rpsFlowCount}: RxQueue): readonly Step[] => {
  const queue = `rx-${String(index)}`;
  return [
    ...(isUnknown(rps) ? [] : queueSteps(nic, queue, 'rps', formatCpuMask(rps, maskWidth(facts)))),
    ...(isUnknown(rpsFlowCount) ? [] : queueSteps(nic, queue, 'rfs', String(rpsFlowCount))),
  ];
};

const isSet = (mask: string): boolean => (parseCpuMask(mask) ?? []).length > 0;

const transmit = (facts: Facts, nic: string, {index, xps, xpsRxqs, ...bql}: TxQueue): readonly Step[] => {
  const write = (attribute: string, want: number | string | undefined): readonly Step[] =>
    want === undefined ? [] : queueSteps(nic, `tx-${String(index)}`, attribute, String(want));
  return [
    ...write('xps', isUnknown(xps) ? undefined : formatCpuMask(xps, maskWidth(facts))),
    ...write('xps_rxqs', isUnknown(xpsRxqs) || !isSet(xpsRxqs) ? undefined : xpsRxqs),
    ...write('bql.limit_max', bql.bqlLimitMax),
    ...write('bql.limit_min', bql.bqlLimitMin),
  ];
};

/** Vectors that a reset moves and that can be put back: all but those the kernel owns. */
export const movableVectors = (nic: Nic): readonly NicIrq[] => nic.irqs.filter(({managed}) => !managed);

/** The affinity of a NIC's vectors as the facts show it. */
export const affinityNow = (nic: Nic): readonly Step[] =>
  movableVectors(nic).flatMap((irq) =>
    isUnknown(irq.affinity) ? [] : affinitySteps(irq, formatCpuList(irq.affinity)),
  );

/** Everything that hangs on a NIC's queues and vectors, as the facts show it: what a reset may take away. */
export const queuesNow = (facts: Facts, nic: Nic): readonly Step[] => [
  ...affinityNow(nic),
  ...nic.rxQueues.flatMap((queue) => receive(facts, nic.name, queue)),
  ...nic.txQueues.flatMap((queue) => transmit(facts, nic.name, queue)),
];
