import type {Plan, Setting} from '../../model/setting.ts';
import {splitId} from '../../resources/lookup.ts';
import type {Tuning} from './recipe.ts';
import {isTuning, type PhaseWishes} from './wishes.ts';

/** The tuning that phases ask for; undefined where they ask for none. */
export const tuningOf = (wishes: readonly PhaseWishes[]): Tuning['tuning'] | undefined =>
  wishes.flatMap(({desired}) => desired).find(isTuning)?.tuning;

// Each may need the one before: a package brings the user and the folder that a file is for, the file its unit.
const LISTED = new Set(['package', 'group', 'user', 'file', 'command', 'driver', 'service', 'mount']);

/** Whether an address is of a kind that recipes bring: of those the order counts in which they list them. */
export const isRecipeKind = (id: string): boolean => {
  const {kind, rest} = splitId(id);
  // irqbalance's bans are of the tuning.
  return LISTED.has(kind) && !rest.includes(' ban.');
};

/** Whether a recipe's order of it counts; other settings have an order of their own. */
export const isListed = ({id, from}: Pick<Setting, 'id' | 'from'>): boolean =>
  from.layer === 'recipe' && isRecipeKind(id);

/** Settings with the phase that they belong to: what no wish has asked for belongs to the tuning. */
export const inPhases = (settings: readonly Setting[], wishes: readonly PhaseWishes[]): readonly Setting[] => {
  const phase = wishes.find(({desired}) => desired.some(isTuning))?.phase;
  return phase === undefined
    ? settings
    : settings.map((setting) => (setting.phase === undefined ? {...setting, phase} : setting));
};

/** The part of a plan that one phase carries out. */
export const phasePlan = (plan: Plan, phase: string): Plan => ({
  ...plan,
  settings: plan.settings.filter((setting) => setting.phase === phase),
});
