import type {Facts} from '../../facts/facts.ts';
import type {Block, Held, Plan, Setting} from '../../model/setting.ts';
import {kindOf} from '../../resources/kinds.ts';
import {nicOf, splitId} from '../../resources/lookup.ts';
import type {ResourceKind} from '../../resources/resource.ts';
import {bindingRefusal} from '../binding-refusals.ts';
import {phaseOf} from '../changes/order.ts';
import {nicName} from '../disruption.ts';
import {heldText, shownValue} from '../fold.ts';
import {managementPath} from '../management-path.ts';
import {isListed, isRecipeKind} from '../recipe/phases.ts';
import type {Apply} from './applies.ts';
import {filledFolders} from './filled-folders.ts';
import {runningKernel} from './kept-kernel.ts';
import {type Earlier, valuesBefore} from './values.ts';

/** A setting or file that somebody has changed since the apply. */
export type Conflict = {id: string; before: string; after: string; found: string};

export type RollbackPlan = {
  /** Its wanted values are those of before the apply; what holds them already is not in it. */
  plan: Plan;
  conflicts: readonly Conflict[];
  /** What the rollback leaves as it is, and why. */
  blocks: readonly Block[];
};

type Verdict = {setting: Setting; conflict?: Conflict} | {block: Block} | undefined;

const holds = (facts: Facts, kind: ResourceKind, rest: string, live: Held, value: string | undefined): boolean =>
  live === 'absent'
    ? value === 'absent'
    : value !== undefined && typeof live === 'object' && 'value' in live && kind.same(facts, rest, live.value, value);

const settingOf = (facts: Facts, kind: ResourceKind, rest: string, {id, run}: Earlier, want: string): Setting => ({
  id,
  live: kind.live(facts, rest),
  boot: kind.boot(facts, rest),
  want,
  pending: ['live'],
  why: `it held this before run ${run}`,
  source: `journal of run ${run}`,
  from: {layer: isRecipeKind(id) ? 'recipe' : 'inventory', at: `rollback of ${run}`},
  effect: kind.effect(facts, rest),
  undo: kind.undo(facts, rest, want),
});

const conflictOf = (id: string, before: string, after: string, live: Held): Conflict => ({
  id,
  before: shownValue(id, before),
  after: shownValue(id, after),
  found: heldText(id, live),
});

const judge = (facts: Facts, earlier: Earlier): Verdict => {
  const {id, before, after} = earlier;
  const {kind: name, rest} = splitId(id);
  const kind = kindOf(name);
  if (!kind) return {block: {id, reason: 'this linerate does not know such a setting'}};
  if (before === undefined) return {block: {id, reason: 'nothing was there before the run, and it is not taken away'}};
  const nic = nicName(id);
  if (nic !== undefined && !nicOf(facts, nic)) return {block: {id, reason: `${nic} is no longer there`}};
  const live = kind.live(facts, rest);
  if (holds(facts, kind, rest, live, before)) return undefined;
  // It is there again once the channels are as they were, or goes with them.
  if (live === 'absent' && phaseOf(id) === 'queues') return undefined;
  const setting = settingOf(facts, kind, rest, earlier, before);
  const refused = bindingRefusal(facts, setting) ?? runningKernel(facts, setting);
  if (refused) return {block: refused};
  if (after === undefined) return typeof live === 'object' && 'value' in live ? {setting} : undefined;
  return holds(facts, kind, rest, live, after) ? {setting} : {setting, conflict: conflictOf(id, before, after, live)};
};

/** What a recipe lists was made in that order, each on top of the one before: it goes the other way round. */
const inOrderBack = (settings: readonly Setting[]): readonly Setting[] => [
  ...settings.filter(isListed).toReversed(),
  ...settings.filter((setting) => !isListed(setting)),
];

/**
 * What takes an apply's live values back on a host as it is now. `begun`: NICs have been reset for it already, so that what
 * their queues hold is nobody's change.
 */
export const rollbackPlan = (host: string, facts: Facts, apply: Apply, begun = false): RollbackPlan => {
  const verdicts = valuesBefore(facts, apply).flatMap((earlier) => judge(facts, earlier) ?? []);
  const all = inOrderBack(verdicts.flatMap((verdict) => ('setting' in verdict ? [verdict.setting] : [])));
  const filled = filledFolders(facts, all);
  const settings = all.filter((setting) => !filled.some(({id}) => id === setting.id));
  return {
    plan: {host, workload: 'rollback', settings, blocks: [], findings: [], managementPath: managementPath(facts)},
    conflicts: verdicts
      .flatMap((verdict) => ('conflict' in verdict ? [verdict.conflict] : []))
      .filter(({id}) => !begun || phaseOf(id) !== 'queues'),
    blocks: [...verdicts.flatMap((verdict) => ('block' in verdict ? [verdict.block] : [])), ...filled],
  };
};
