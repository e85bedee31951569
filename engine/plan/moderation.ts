import type {Facts} from '../facts/facts.ts';
import type {Setting} from '../model/setting.ts';
import {known} from '../model/known.ts';
import {nicOf, splitId} from '../resources/lookup.ts';

const STATIC = /^coalesce\.(rx|tx)-(?:usecs|frames)$/;

/**
 * Whether a setting is a fixed moderation value that an adaptive driver overwrites all the time: it never reads back, so it
 * is neither planned nor compared while adaptive moderation of its direction is, or will be, on.
 */
export const isOverruledByAdaptive = (
  facts: Facts,
  settings: ReadonlyMap<string, Setting>,
  setting: Setting,
): boolean => {
  const {kind, rest} = splitId(setting.id);
  if (kind !== 'nic') return false;
  const [name = '', attribute = ''] = rest.split(' ');
  const direction = STATIC.exec(attribute)?.[1];
  if (direction === undefined) return false;
  const coalesce = nicOf(facts, name)?.coalesce;
  const now = coalesce && known(coalesce)?.[`adaptive-${direction}`];
  const wanted = settings.get(`nic ${name} coalesce.adaptive-${direction}`)?.want;
  return wanted === undefined ? now === true : wanted === 'on';
};
