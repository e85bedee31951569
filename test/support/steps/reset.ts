import type {Nic, NicIrq, RxQueue, TxQueue} from '../../../engine/facts/nic.ts';
import {vectorKey, type StepHost, type Writable} from './host.ts';

/** Interrupts are requested anew: other numbers, any CPU; the driver makes XPS maps of its own. */
export const resetNic = (host: StepHost, nic: Writable<Nic>): void => {
  for (const irq of nic.irqs) {
    irq.irq = host.nextIrq++;
    if (!irq.managed) irq.affinity = [...host.facts.cpu.online];
  }
  for (const queue of nic.txQueues) {
    const cpu = host.facts.cpu.online[queue.index % host.facts.cpu.online.length] ?? 0;
    if (Array.isArray(queue.xps)) queue.xps = [cpu];
    if (typeof queue.xpsRxqs === 'string') queue.xpsRxqs = queue.xpsRxqs.replaceAll(/[^,]/g, '0');
  }
};

const presetMask = (host: StepHost): number[] => {
  const preset = host.facts.sysctls.live['net/core/rps_default_mask'];
  return typeof preset === 'object' && 'value' in preset && preset.value !== '0' ? [...host.facts.cpu.online] : [];
};

const receiveQueue = (host: StepHost, index: number): Writable<RxQueue> => ({
  index,
  rps: presetMask(host),
  rpsFlowCount: 0,
});

const transmitQueue = (index: number, like: Writable<TxQueue> | undefined): Writable<TxQueue> => ({
  index,
  xps: [],
  xpsRxqs: like?.xpsRxqs ?? '0',
  bqlLimitMin: 0,
  bqlLimitMax: 1_879_048_192,
});

const resized = <T extends {index: number}>(queues: readonly T[], count: number, make: (index: number) => T): T[] =>
  Array.from({length: count}, (_, index) => queues.find((queue) => queue.index === index) ?? make(index));

const vectors = (host: StepHost, nic: Writable<Nic>, rx: number, tx: number): Writable<NicIrq>[] => {
  const roles = [...new Set(nic.irqs.filter(({queue}) => queue === 0).map(({role}) => role))];
  const many = {rx, tx, 'rx-tx': Math.max(rx, tx), other: 0};
  const vector = (role: NicIrq['role'], queue: number): Writable<NicIrq> => ({
    irq: 0,
    name: host.names.get(vectorKey(nic.name, role, queue)) ?? `${nic.name}-${role}-${String(queue)}`,
    role,
    queue,
    affinity: [],
    effective: [],
    managed: nic.irqs.find((irq) => irq.role === role && irq.queue === queue)?.managed ?? false,
  });
  const most = Math.max(rx, tx);
  const queued = Array.from({length: most}, (_, queue) =>
    roles.filter((role) => queue < many[role]).map((role) => vector(role, queue)),
  ).flat();
  // Drivers request the vectors of links and the like before those of queues, or after them.
  const first = nic.irqs.findIndex(({queue}) => queue !== undefined);
  const others = nic.irqs.filter(({queue}) => queue === undefined);
  const before = others.filter((irq) => nic.irqs.indexOf(irq) < first);
  return [...before, ...queued, ...others.filter((irq) => !before.includes(irq))];
};

/** Queues and vectors for so many channels (netif_set_real_num_{rx,tx}_queues). */
export const resizeNic = (host: StepHost, nic: Writable<Nic>, rx: number, tx: number): void => {
  nic.rxQueues = resized(nic.rxQueues, rx, (index) => receiveQueue(host, index));
  nic.txQueues = resized(nic.txQueues, tx, (index) => transmitQueue(index, nic.txQueues[0]));
  for (const queue of nic.txQueues) {
    if (tx === 1) queue.xps = {unknown: 'one tx queue: XPS has no effect'};
    else if ('unknown' in queue.xps) queue.xps = [];
  }
  nic.irqs = vectors(host, nic, rx, tx);
  resetNic(host, nic);
};
