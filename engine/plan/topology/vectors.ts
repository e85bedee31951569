import type {NicIrq} from '../../facts/nic.ts';
import type {QueueCounts} from './channels.ts';

export type Vector = {name: string; queue: number};

const limitOf = (role: NicIrq['role'], counts: QueueCounts): number =>
  role === 'rx' ? counts.rx : role === 'tx' ? counts.tx : Math.max(counts.rx, counts.tx);

/**
 * The queue vectors that a NIC will have: those there are, less the ones whose queue goes, and, when channels grow, one of
 * each role that queue 0 has for every new queue.
 */
export const vectorsWanted = (
  irqs: ReadonlyMap<string, NicIrq>,
  now: QueueCounts,
  wanted: QueueCounts,
): readonly Vector[] => {
  const vectors: Vector[] = [];
  const roles = new Set<NicIrq['role']>();
  for (const [name, {role, queue}] of irqs) {
    if (role === 'other' || queue === undefined) continue;
    if (queue === 0) roles.add(role);
    if (queue < limitOf(role, wanted)) vectors.push({name, queue});
  }
  for (const role of roles) {
    for (let queue = limitOf(role, now); queue < limitOf(role, wanted); queue++) {
      const name = `${role}-${String(queue)}`;
      if (!irqs.has(name)) vectors.push({name, queue});
    }
  }
  return vectors.sort((a, b) => a.queue - b.queue || (a.name < b.name ? -1 : 1));
};
