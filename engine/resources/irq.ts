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

const ONE_RANGE = /^(0|[1-9]\d*)(?:-([1-9]\d*))?$/;

/** A CPU list as the kernel prints it. One CPU or one range is so already: `0-511` need not be spelled out for each of 1000 vectors. */
const normal = (list: string): string => {
  const [, first, last] = ONE_RANGE.exec(list) ?? [];
  if (first !== undefined && first !== last) return list;
  const cpus = parseCpuList(list);
  return cpus ? formatCpuList(cpus) : list;
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
    // A driver that pins by itself (irq_set_affinity_and_hint) will do so again at the next boot.
    const hint = found?.hint && found.hint.length > 0 ? formatCpuList(found.hint) : undefined;
    if (found && hint !== undefined && !isUnknown(found.affinity) && formatCpuList(found.affinity) === hint) {
      return {held: {value: hint}, by: `the ${nicOf(facts, nic)?.driver ?? 'NIC'} driver`};
    }
    const {online} = facts.cpu;
    if (online.length === 1) return {held: {value: formatCpuList(online)}, by: 'the only CPU'};
    const balanced = facts.services.services.some(
      ({name, enabled}) => name.startsWith('irqbalance') && enabled === true,
    );
    return {held: 'default', ...(balanced ? {by: 'irqbalance'} : {})};
  },
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, _rest, held, want) => held === want || normal(held) === normal(want),
  steps: (facts, rest, want) => {
    const found = irqOf(facts, ...split(rest));
    return found && affinitySteps(found, want);
  },
  fixed: (facts, rest) =>
    irqOf(facts, ...split(rest))?.managed ? 'the kernel owns its affinity (a managed interrupt)' : undefined,
};
