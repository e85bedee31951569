import type {Facts} from '../facts/facts.ts';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import type {Plan} from '../model/setting.ts';
import {planHost} from '../plan/plan.ts';
import {askedByWishes, askScripts, type PhaseWishes} from '../plan/recipe/wishes.ts';
import type {Sheets} from '../plan/sheet.ts';
import type {PlanVariables} from '../plan/variables.ts';
import type {HostRecipe, RecipePhase} from './recipes.ts';

/** All that one host's plan is made from, beside its facts. */
export type Planning = {
  sheets: Sheets;
  variables: PlanVariables;
  /** Absent: the host is tuned, and nothing else. */
  recipe?: HostRecipe;
  /** Only these phases of the recipe. */
  tags?: readonly string[];
};

const wishesOf = (host: string, facts: Facts, {recipe}: Planning): readonly PhaseWishes[] | undefined =>
  recipe?.phases.map((phase) => phase.wishes(host, facts));

/** What the inventory asks for of kinds that the first probe knows nothing of. */
const askedByInventory = ({settings}: PlanVariables): readonly {id: string; want: string}[] =>
  settings.flatMap(({address, value}) =>
    address.scope === 'host' && !address.id.startsWith('sysctl ') ? [{id: address.id, want: value}] : [],
  );

/** What recipe and inventory need read beyond the facts: scripts of a second probe. */
export const asksOf = (host: string, facts: Facts, planning: Planning): readonly string[] =>
  askScripts([
    ...askedByInventory(planning.variables),
    ...(wishesOf(host, facts, planning) ?? []).flatMap(({desired}) => askedByWishes(desired)),
  ]);

const TUNING = 'tuning';

/** @throws Fault `unknown-tag` where no phase has one of the names */
export const checkTags = (recipes: readonly (HostRecipe | undefined)[], tags: readonly string[]): void => {
  const names = new Set(recipes.flatMap((recipe) => recipe?.phases.map(({name}) => name) ?? [TUNING]));
  const unknown = tags.find((tag) => !names.has(tag));
  if (unknown === undefined) return;
  throw new Fault({
    code: 'unknown-tag',
    owner: 'user',
    message: `no phase is called ${printableLine(unknown, 100)}`,
    hint: `the phases are ${[...names].join(', ')}`,
  });
};

/** The phases that are carried out, in their order; undefined where all of the plan is one. */
export const phasesOf = ({recipe, tags}: Planning): readonly Pick<RecipePhase, 'name' | 'reboot'>[] | undefined =>
  recipe?.phases.filter(({name}) => tags === undefined || tags.includes(name));

/** The plan of one host: of all phases that `tags` names. Throws a `Fault` where recipe, sheet or workload are wrong. */
export const planFor = (host: string, facts: Facts, planning: Planning): Plan => {
  const {sheets, variables, tags} = planning;
  const plan = planHost(host, facts, sheets, variables, wishesOf(host, facts, planning));
  if (tags === undefined) return plan;
  return {
    ...plan,
    settings: plan.settings.filter(({phase = TUNING}) => tags.includes(phase)),
    blocks: plan.blocks.filter(({phase}) => phase === undefined || tags.includes(phase)),
  };
};
