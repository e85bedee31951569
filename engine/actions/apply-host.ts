import {connect} from '../effects/connections/connect.ts';
import type {Target} from '../effects/connection.ts';
import type {Block, Plan, SettingId} from '../model/setting.ts';
import {phasePlan} from '../plan/recipe/phases.ts';
import {
  carryPart,
  carryPhase,
  NOTHING,
  type Live,
  type PhasePart,
  type Progress,
  type StoppedRun,
} from './carry-phase.ts';
import {digestOfState, readAnew, readState, type State} from './host-state.ts';
import type {OpenHost} from './open-hosts.ts';
import {phasesOf} from './planning.ts';
import {bootToTry, rebootHost} from './reboot-host.ts';
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
      /** Phases that were not begun, as an earlier one left something undone or waits for a reboot. */
      unbegun: readonly string[];
    }
  | {outcome: 'stopped'; plan: Plan; changed: number; run: StoppedRun; blocks: readonly Block[]};

export type ApplyHostOptions = Omit<Live, 'target' | 'connection'> & {
  /** The digest of the plan that was approved; the host is refused when it has moved on. */
  approved?: string;
  /** The host as it was read a moment ago, over a connection that still stands. */
  open?: OpenHost | undefined;
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

type Part = PhasePart & {name: string};

/** The parts of a plan that are carried out one after the other: a recipe's phases, or all of it. */
const partsOf = ({planning}: Live): readonly Part[] =>
  phasesOf(planning)?.map(({name, reboot}) => ({name, reboot, of: (plan) => phasePlan(plan, name)})) ?? [
    {name: 'tuning', reboot: true, of: (plan) => plan},
  ];

type Stopped = Extract<Applied, {outcome: 'stopped'}>;
type Came = {state: State; progress: Progress};

const stoppedAt = (first: State, {changed, blocks}: Progress, run: StoppedRun): Stopped => ({
  outcome: 'stopped',
  plan: first.plan,
  changed,
  run,
  blocks,
});

/** Why no boot can try a setting says more than that it needs one. */
const withReasons = (progress: Progress, blocks: readonly Block[]): Progress => {
  const known = new Set(blocks.map(({id}) => id));
  return {...progress, blocks: [...progress.blocks.filter(({id}) => !known.has(id)), ...blocks]};
};

/** Carries one part out, and reboots the host where it waits for that and may be. */
const carryOne = async (live: Live, first: State, part: Part, {state, progress}: Came): Promise<Came | Stopped> => {
  const carried = await carryPhase(live, state, part, progress);
  if ('stopped' in carried) return stoppedAt(first, {...progress, changed: carried.changed}, carried.stopped);
  const came = {progress: carried.progress, state: carried.state ?? state};
  const own = {...came.state, plan: part.of(came.state.plan)};
  if (!part.reboot || !live.reboot) return came;
  const {trial, blocks} = bootToTry(live, own);
  if (!trial) return {...came, progress: withReasons(came.progress, blocks)};
  const rebooted = await rebootHost(live, own, trial, came.progress);
  if ('stopped' in rebooted) return stoppedAt(first, came.progress, rebooted.stopped);
  await live.connection.close();
  live.connection = connect(live.target, {signal: live.signal, pacing: live.pacing});
  return {progress: rebooted.progress, state: await readState(live, live.connection)};
};

/** What a phase's wishes met that the host refuses: known once the phases before it are carried out. */
const refusedIn = ({plan}: State, {name}: Part): readonly Block[] => plan.blocks.filter(({phase}) => phase === name);

/** Each phase sees what the ones before have made; one that leaves something undone ends the apply. */
const carryPhases = async (live: Live, first: State, start: Came): Promise<Applied> => {
  const {plan} = first;
  const parts = partsOf(live);
  let came = start;
  for (const [place, part] of parts.entries()) {
    const next = await carryOne(live, first, part, came);
    if ('outcome' in next) return next;
    const refused = refusedIn(next.state, part);
    came = {...next, progress: {...next.progress, blocks: [...next.progress.blocks, ...refused]}};
    const {changed, notes, blocks} = came.progress;
    const left = leftOf(part.of(came.state.plan), blocks);
    const unbegun = parts.slice(place + 1).map(({name}) => name);
    const waits = part.reboot && left.waiting.length > 0;
    if (unbegun.length > 0 && (left.left.length + refused.length > 0 || waits))
      return {outcome: 'done', plan, ...left, changed, notes, blocks, unbegun};
  }
  const {changed, notes, blocks} = came.progress;
  if (changed === 0 && blocks.length === 0) return {outcome: 'same', plan};
  return {outcome: 'done', plan, ...leftOf(came.state.plan, blocks), changed, notes, blocks, unbegun: []};
};

/** Provisions one host: reads it, and carries out its plan under the guard. Every failure is a `Fault` that names the host. */
export const applyHost = async (target: Target, options: ApplyHostOptions): Promise<Applied> => {
  const connection = options.open?.connection ?? connect(target, {signal: options.signal, pacing: options.pacing});
  const live: Live = {...options, target, connection};
  try {
    const first = options.open?.state ?? (await readState(live, connection));
    const {plan} = first;
    if (options.approved !== undefined && options.approved !== digestOfState(first)) return {outcome: 'stale', plan};
    const taken = await takeOver(first, live.templates, {
      carry: async (part) => carryPart(live, first, part, NOTHING),
      readAnew: async () => readAnew(live),
    });
    if ('run' in taken) return {outcome: 'stopped', plan, changed: 0, run: taken.run, blocks: []};
    return await carryPhases(live, first, {state: taken.state, progress: taken.progress ?? NOTHING});
  } finally {
    await live.connection.close();
  }
};
