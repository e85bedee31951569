import {RECKONED} from '../facts/sysctl-disturbed.ts';
import type {Step} from '../model/change.ts';
import {bootFromArgument} from './kernel-arguments.ts';
import {tunedValue} from './other-programs.ts';
import type {ResourceKind} from './resource.ts';
import {sysctlSteps} from './sysctl-steps.ts';
import {valueHeld} from './values.ts';

const steps = (rest: string, want: string): readonly Step[] => [
  {do: 'write', path: `/sys/kernel/mm/transparent_hugepage/${rest}`, text: want},
];

/** Transparent huge pages: `thp enabled`, `thp defrag`. */
export const thp: ResourceKind = {
  kind: 'thp',
  form: 'enabled or defrag',
  knows: (rest) => rest === 'enabled' || rest === 'defrag',
  problem: (_rest, want) =>
    ['always', 'madvise', 'never', 'defer', 'defer+madvise'].includes(want)
      ? undefined
      : 'is none of always, madvise, never',
  live: ({numa}, rest) => valueHeld(rest === 'enabled' ? numa.thpEnabled : numa.thpDefrag),
  boot: (facts, rest) => {
    const tuned = rest === 'enabled' ? tunedValue(facts, 'vm', 'transparent_hugepages') : undefined;
    if (tuned) return {held: {value: tuned.value}, by: tuned.by};
    return rest === 'enabled' ? bootFromArgument(facts, 'transparent_hugepage') : {held: 'default'};
  },
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => a.trim() === b.trim(),
  steps: (_facts, rest, want) => steps(rest, want.trim()),
  restore: ({numa, sysctls}, rest) => {
    const before = rest === 'enabled' ? numa.thpEnabled : numa.thpDefrag;
    const reserve = rest === 'enabled' ? sysctls.live[RECKONED] : undefined;
    const known = typeof reserve === 'object' && 'value' in reserve;
    return before === undefined
      ? undefined
      : [...steps(rest, before), ...(known ? sysctlSteps(RECKONED, reserve.value) : [])];
  },
};
