import {connect} from '../effects/connections/connect.ts';
import type {Target} from '../effects/connection.ts';
import type {Block, Plan, SettingId} from '../model/setting.ts';
import {phasePlan} from '../plan/recipe/phases.ts';
import {carryPart, carryPhase, NOTHING, type Live, type Progress, type StoppedRun} from './carry-phase.ts';
import {digestOfState, readAnew, readState, type State} from './host-state.ts';
import {phaseNames} from './planning.ts';
import {takeOver} from './take-over.ts';

export type {StoppedRun} from './carry-phase.ts';

/** A setting that does not hold what is wanted, and where. */
export type Left = {id: SettingId; layers: readonly ('live' | 'boot')[]};

/** How one host's apply ended: `same` when there was nothing to do, `stale` when it is not what was approved. */
export type Applied =
  | {outcome: 'same'; plan: Plan}
  | {outcome: 'stale'; plan: Plan}
  | {
      outcome: 'done';
      plan: Plan;
      changed: number;
      left: readonly Left[];
      /** Made to last; they hold for what starts anew, or after a reboot. */
      waiting: readonly SettingId[];
      notes: readonly string[];
      blocks: readonly Block[];
      /** Phases that were not begun, as an earlier one left something undone. */
      unbegun: readonly string[];
    }
  | {outcome: 'stopped'; plan: Plan; changed: number; run: StoppedRun; blocks: readonly Block[]};

export type ApplyHostOptions = Omit<Live, 'target' | 'connection'> & {
  /** The digest of the plan that was approved; the host is refused when it has moved on. */
  approved?: string;
};

/** What is still pending though nobody refused it, and what only a restart or a reboot brings. */
const leftOf = (plan: Plan, blocks: readonly Block[]): {left: readonly Left[]; waiting: readonly SettingId[]} => {
  const refused = new Set(blocks.map(({id}) => id));
  const pending = plan.settings.filter((setting) => setting.pending.length > 0 && !refused.has(setting.id));
  const waits = ({effect, pending: layers}: Plan['settings'][number]): boolean =>
    !layers.includes('boot') && (effect === 'restart' || effect === 'reboot');
  return {
    left: pending.filter((setting) => !waits(setting)).map(({id, pending: layers}) => ({id, layers})),
    waiting: pending.filter(waits).map(({id}) => id),
  };
};

type Parts = readonly {name: string; of: (plan: Plan) => Plan}[];

/** The parts of a plan that are carried out one after the other: a recipe's phases, or all of it. */
const partsOf = ({planning}: Live): Parts =>
  phaseNames(planning)?.map((name) => ({name, of: (plan) => phasePlan(plan, name)})) ?? [
    {name: 'tuning', of: (plan) => plan},
  ];

/** Each phase sees what the ones before have made; one that leaves something undone ends the apply. */
const carryPhases = async (live: Live, first: State, before: Progress): Promise<Applied> => {
  const {plan} = first;
  const parts = partsOf(live);
  let state = first;
  let progress = before;
  for (const [place, part] of parts.entries()) {
    const carried = await carryPhase(live, state, part.of, progress);
    if ('stopped' in carried)
      return {outcome: 'stopped', plan, changed: carried.changed, run: carried.stopped, blocks: progress.blocks};
    ({progress, state = state} = carried);
    const {left} = leftOf(part.of(state.plan), progress.blocks);
    const unbegun = parts.slice(place + 1).map(({name}) => name);
    if (left.length > 0 && unbegun.length > 0)
      return {outcome: 'done', plan, ...progress, ...leftOf(part.of(state.plan), progress.blocks), unbegun};
  }
  const {changed, notes, blocks} = progress;
  if (changed === 0 && blocks.length === 0) return {outcome: 'same', plan};
  return {outcome: 'done', plan, ...leftOf(state.plan, blocks), changed, notes, blocks, unbegun: []};
};

/** Provisions one host: reads it, and carries out its plan under the guard. Every failure is a `Fault` that names the host. */
export const applyHost = async (target: Target, options: ApplyHostOptions): Promise<Applied> => {
  const connection = connect(target, {signal: options.signal, pacing: options.pacing});
  try {
    const live: Live = {...options, target, connection};
    const first = await readState(live, connection);
    const {plan} = first;
    if (options.approved !== undefined && options.approved !== digestOfState(first)) return {outcome: 'stale', plan};
    const taken = await takeOver(first, live.templates, {
      carry: async (part) => carryPart(live, first, part, NOTHING),
      readAnew: async () => readAnew(live),
    });
    if ('run' in taken) return {outcome: 'stopped', plan, changed: 0, run: taken.run, blocks: []};
    return await carryPhases(live, taken.state, taken.progress ?? NOTHING);
  } finally {
    await connection.close();
  }
};
