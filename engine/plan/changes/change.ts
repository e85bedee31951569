import type {Facts} from '../../facts/facts.ts';
import type {Change, Step} from '../../model/change.ts';
import type {Held, Setting} from '../../model/setting.ts';
import {kindOf} from '../../resources/kinds.ts';
import {splitId} from '../../resources/lookup.ts';
import {nicName} from '../disruption.ts';
import {releasedNics} from './released-nics.ts';

// Of what lies on disk, that nothing was there is a state to go back to.
const beforeOf = (id: string, live: Held): {before?: string} => {
  if (live === 'absent') return kindOf(splitId(id).kind)?.onDisk ? {before: 'absent'} : {};
  return typeof live === 'object' && 'value' in live ? {before: live.value} : {};
};

/** One setting's live change. */
export const changeOf = (setting: Setting, steps: readonly Step[], undo: readonly Step[]): Change => {
  const {id, live, want, effect, why} = setting;
  const nic = effect === 'link-flap' ? nicName(id) : undefined;
  return {
    id,
    layer: 'live',
    ...beforeOf(id, live),
    after: want,
    effect,
    why,
    ...(nic === undefined ? {} : {nic}),
    steps,
    undo,
  };
};

/** What sets it now; undefined where only a reboot does. */
export const stepsOf = (facts: Facts, {id, want}: Setting): readonly Step[] | undefined => {
  const {kind, rest} = splitId(id);
  return kindOf(kind)?.steps?.(facts, rest, want);
};

/** What brings back what it holds now; undefined where the facts do not tell that. */
export const undoOf = (facts: Facts, {id, live, want, undo}: Setting): readonly Step[] | undefined => {
  if (undo === 'never') return [];
  const {kind: name, rest} = splitId(id);
  const kind = kindOf(name);
  const steps = kind?.restore?.(facts, rest, want);
  if (kind?.restore) return steps && [...steps, ...releasedNics(facts, id)];
  return typeof live === 'object' && 'value' in live ? kind?.steps?.(facts, rest, live.value) : undefined;
};
