import type {Facts} from '../facts/facts.ts';
import type {Nic, NicIrq, RxQueue, TxQueue} from '../facts/nic.ts';

type Indexed = {
  nic: Nic;
  irqs: ReadonlyMap<string, NicIrq>;
  rx: ReadonlyMap<number, RxQueue>;
  tx: ReadonlyMap<number, TxQueue>;
};

// Plans look a NIC's queues up thousands of times; the index lives as long as the facts do.
const indexes = new WeakMap<readonly Nic[], ReadonlyMap<string, Indexed>>();

/**
 * What an IRQ's address calls it: `rx-3`, `tx-3`, `rx-tx-3` for queue vectors; `other-0`, `other-1` … in the order of
 * IRQ numbers for the rest (admin, link, async). Of two vectors with one name the lower IRQ has it.
 */
export const vectorNames = (irqs: readonly NicIrq[]): ReadonlyMap<string, NicIrq> => {
  const named = new Map<string, NicIrq>();
  let others = 0;
  for (const irq of [...irqs].sort((a, b) => a.irq - b.irq)) {
    const queued = irq.role !== 'other' && irq.queue !== undefined;
    const name = queued ? `${irq.role}-${String(irq.queue)}` : `other-${String(others++)}`;
    if (!named.has(name)) named.set(name, irq);
  }
  return named;
};

const indexNic = (nic: Nic): Indexed => ({
  nic,
  irqs: vectorNames(nic.irqs),
  rx: new Map(nic.rxQueues.map((queue) => [queue.index, queue])),
  tx: new Map(nic.txQueues.map((queue) => [queue.index, queue])),
});

const indexOf = (facts: Facts): ReadonlyMap<string, Indexed> => {
  const found = indexes.get(facts.nics);
  if (found) return found;
  const index = new Map(facts.nics.map((nic) => [nic.name, indexNic(nic)]));
  indexes.set(facts.nics, index);
  return index;
};

export const nicOf = (facts: Facts, name: string): Nic | undefined => indexOf(facts).get(name)?.nic;

/** The IRQ that an address such as `ens1f0 rx-tx-3` means. */
export const irqOf = (facts: Facts, nic: string, vector: string): NicIrq | undefined =>
  indexOf(facts).get(nic)?.irqs.get(vector);

export const irqsOf = (facts: Facts, nic: string): ReadonlyMap<string, NicIrq> =>
  indexOf(facts).get(nic)?.irqs ?? new Map<string, NicIrq>();

export const rxQueueOf = (facts: Facts, nic: string, queue: number): RxQueue | undefined =>
  indexOf(facts).get(nic)?.rx.get(queue);

export const txQueueOf = (facts: Facts, nic: string, queue: number): TxQueue | undefined =>
  indexOf(facts).get(nic)?.tx.get(queue);

/** The number of CPUs that the kernel's masks are wide: the highest possible CPU number and one. */
export const maskWidth = (facts: Facts): number => (facts.cpu.possible.at(-1) ?? facts.cpu.online.at(-1) ?? 0) + 1;

/** `net/core/somaxconn` out of `sysctl net/core/somaxconn`; kind and rest of any setting id. */
export const splitId = (id: string): {kind: string; rest: string} => {
  const blank = id.indexOf(' ');
  return blank < 0 ? {kind: id, rest: ''} : {kind: id.slice(0, blank), rest: id.slice(blank + 1)};
};
