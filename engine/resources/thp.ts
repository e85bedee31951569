import {bootFromArgument} from './kernel-arguments.ts';
import {tunedValue} from './other-programs.ts';
import type {ResourceKind} from './resource.ts';
import {valueHeld} from './values.ts';

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
  steps: (_facts, rest, want) => [
    {do: 'write', path: `/sys/kernel/mm/transparent_hugepage/${rest}`, text: want.trim()},
  ],
};
