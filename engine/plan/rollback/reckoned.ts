import type {Change, Step} from '../../model/change.ts';
import type {SettingId} from '../../model/setting.ts';
import {type Apply, isConfirmed} from './applies.ts';

/** What the kernel worked out before the first of an apply's runs that had it do so anew, by the setting whose change that was. */
const reckonedBefore = ({runs}: Apply): ReadonlyMap<SettingId, readonly Step[]> =>
  new Map(
    runs
      .filter(isConfirmed)
      .flatMap(({changes}) =>
        changes.map(({id, disturbs}) => [id, disturbs.filter((step) => step.do === 'write' && step.ifOther)] as const),
      )
      .toReversed(),
  );

/** Live changes that have the kernel work a value out anew bring back the one of before, too: it does not come by itself. */
export const withReckoned = (apply: Apply, changes: readonly Change[]): readonly Change[] => {
  const before = reckonedBefore(apply);
  return changes.map((change) => ({...change, steps: [...change.steps, ...(before.get(change.id) ?? [])]}));
};
