import {formatCpuList, parseCpuList} from '../model/cpulist.ts';
import {isUnknown} from '../model/known.ts';
import {irqOf, nicOf} from './lookup.ts';
import {affinitySteps} from './queue-steps.ts';
import type {ResourceKind} from './resource.ts';
import {unknownHeld} from './values.ts';

const split = (rest: string): [nic: string, vector: string] => {
  const [nic = '', vector = ''] = rest.split(' ');
  return [nic, vector];
};

/** Interrupt affinity by NIC and vector: `irq ens1f0 rx-tx-3`, `irq ens1f0 other-0`; holds a CPU list. */
export const irq: ResourceKind = {
  kind: 'irq',
  form: 'NIC VECTOR, e.g. ens1f0 rx-tx-3',
  knows: (rest) => /^\S+ (?:rx|tx|rx-tx|other)-\d+$/.test(rest),
  problem: (_rest, want) => ((parseCpuList(want) ?? []).length > 0 ? undefined : 'is no list of CPUs'),
  live: (facts, rest) => {
    const found = irqOf(facts, ...split(rest));
    if (!found) return 'absent';
    return isUnknown(found.affinity) ? unknownHeld(found.affinity.unknown) : {value: formatCpuList(found.affinity)};
  },
  boot: (facts, rest) => {
    const [nic, vector] = split(rest);
    const found = irqOf(facts, nic, vector);
    const affinity = found && !isUnknown(found.affinity) ? formatCpuList(found.affinity) : undefined;
    // A driver that pins by itself (irq_set_affinity_and_hint) will do so again at the next boot.
    if (found?.hint && found.hint.length > 0 && formatCpuList(found.hint) === affinity) {
      return {held: {value: affinity}, by: `the ${nicOf(facts, nic)?.driver ?? 'NIC'} driver`};
    }
    const [only, ...others] = facts.cpu.online;
    if (only !== undefined && others.length === 0) return {held: {value: String(only)}, by: 'the only CPU'};
    const balanced = facts.services.services.some(
      ({name, enabled}) => name.startsWith('irqbalance') && enabled === true,
    );
    return {held: 'default', ...(balanced ? {by: 'irqbalance'} : {})};
  },
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => a === b || parseCpuList(a)?.join() === parseCpuList(b)?.join(),
  steps: (facts, rest, want) => {
    const found = irqOf(facts, ...split(rest));
    return found && affinitySteps(found, want);
  },
  fixed: (facts, rest) =>
    irqOf(facts, ...split(rest))?.managed ? 'the kernel owns its affinity (a managed interrupt)' : undefined,
};
