import type {Plan} from '../../../engine/model/setting.ts';
import {numbersIn} from './tree.ts';

/** What a plan wants of a NIC's own settings: `ring.rx`, `4096`. */
export const nicSettings = (plan: Plan, nic: string): readonly (readonly [address: string, want: string])[] =>
  plan.settings.flatMap(({id, want}) =>
    id.startsWith(`nic ${nic} `) ? [[id.slice(`nic ${nic} `.length), want] as const] : [],
  );

/**
 * The CPUs that a plan gives to the receiving vectors of a NIC (`rx-3`, or `rx-tx-3` for pairs), one for each; throws
 * when one of them gets none or several.
 */
export const queueCpus = (plan: Plan, nic: string): readonly number[] =>
  plan.settings.flatMap(({id, want}) => {
    if (!id.startsWith(`irq ${nic} rx-`)) return [];
    const cpus = numbersIn(want);
    if (cpus.length !== 1) throw new Error(`${id} is given to ${want === '' ? 'no CPU' : want}`);
    return cpus;
  });

/** How many more queues the busiest of the CPUs has than the least busy one. */
export const unevenness = (cpus: readonly number[], over: readonly number[]): number => {
  const counts = over.map((cpu) => cpus.filter((other) => other === cpu).length);
  return Math.max(...counts) - Math.min(...counts);
};
