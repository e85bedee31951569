import {carryOut, type CarryOutOptions} from '../effects/apply/carry-out.ts';
import type {Mismatch, RunOutcome} from '../effects/apply/outcome.ts';
import type {Connection, Target} from '../effects/connection.ts';
import {connect} from '../effects/connections/connect.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {digestOf} from '../effects/files.ts';
import type {Facts} from '../facts/facts.ts';
import type {Change} from '../model/change.ts';
import {Fault} from '../model/fault.ts';
import type {Block, Plan, SettingId} from '../model/setting.ts';
import {changesOf} from '../plan/changes/changes.ts';
import {irreversible, reversibleOnly} from '../plan/changes/irreversible.ts';
import {heldText} from '../plan/fold.ts';
import {planIdentity} from '../plan/identity.ts';
import {lastingChanges} from '../plan/lasting/lasting-changes.ts';
import type {FileTemplates} from '../plan/lasting/lasting-file.ts';
import {planHost} from '../plan/plan.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import {DEFAULT_TIMES, type RunSpec} from '../plan/run/spec.ts';
import {kindOf} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import type {Sheets} from '../plan/sheet.ts';
import type {PlanVariables} from '../plan/variables.ts';
import {gatherOver, PROBE_TIMEOUT_MS} from './gather.ts';
import {takeOver} from './take-over.ts';

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
    }
  | {outcome: 'stopped'; plan: Plan; changed: number; run: StoppedRun; blocks: readonly Block[]};

export type ApplyHostOptions = {
  sheets: Sheets;
  variables: PlanVariables;
  scripts: readonly string[];
  templates: FileTemplates;
  /** The digest of the plan that was approved; the host is refused when it has moved on. */
  approved?: string;
  confirmSeconds: number;
  allowIrreversible: boolean;
  /** Names this apply's runs: the first is `ID-1`, the second `ID-2`. */
  id: string;
  by: string;
  at: string;
  pacing: Pacing;
  signal: AbortSignal;
  onEvent?: (run: RunSpec, event: RunEvent) => void;
  /** Called before each run is sent. What it throws leaves the host as it is. */
  beforeRun?: (run: RunSpec) => Promise<void>;
  /** See `CarryOutOptions.agree`. */
  agree?: CarryOutOptions['agree'];
};

type State = {facts: Facts; plan: Plan};

export type StoppedRun = Exclude<RunOutcome, {outcome: 'confirmed'}>;

type Live = ApplyHostOptions & {target: Target; connection: Connection};

const read = async (live: Live, connection: Connection): Promise<State> => {
  const facts = await gatherOver(connection, live.target.name, {scripts: live.scripts, timeoutMs: PROBE_TIMEOUT_MS});
  return {facts, plan: planHost(live.target.name, facts, live.sheets, live.variables)};
};

/** Reads the host over the open connection, or over a new one where a flapping link has cut that. */
const readAnew = async (live: Live): Promise<State> => {
  try {
    return await read(live, live.connection);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  const connection = connect(live.target, {signal: live.signal, pacing: live.pacing});
  try {
    return await read(live, connection);
  } finally {
    await connection.close();
  }
};

/** What of the run's changes the host does not hold, each in its kind's normal form. */
export const mismatches = (
  facts: Facts,
  changes: readonly Change[],
  limits: readonly SettingId[],
): readonly Mismatch[] =>
  changes.flatMap(({id, after}) => {
    const {kind: name, rest} = splitId(id);
    const kind = kindOf(name);
    const held = kind?.live(facts, rest) ?? 'unsupported';
    const value = typeof held === 'object' && 'value' in held ? held.value : undefined;
    if (limits.includes(id) || (value !== undefined && kind?.same(facts, rest, value, after))) return [];
    return [{id, want: after, found: heldText(held)}];
  });

const carry = async (live: Live, run: RunSpec): Promise<RunOutcome> => {
  await live.beforeRun?.(run);
  return carryOut(live.target, run, {
    connection: live.connection,
    pacing: live.pacing,
    signal: live.signal,
    onEvent: (event) => live.onEvent?.(run, event),
    verify: async (connection, limits) => mismatches((await read(live, connection)).facts, run.changes, limits),
    agree: live.agree,
  });
};

const specOf = (
  live: Live,
  part: number,
  digest: string,
  changes: readonly Change[],
  lasting: readonly Change[],
): RunSpec => ({
  id: `${live.id}-${String(part)}`,
  host: live.target.name,
  by: live.by,
  at: live.at,
  digest,
  changes,
  lasting,
  times: {...DEFAULT_TIMES, confirm: live.confirmSeconds},
});

type Progress = {runs: number; changed: number; notes: readonly string[]; blocks: readonly Block[]};

type Part = {
  changes: readonly Change[];
  lasting: readonly Change[];
  blocks: readonly Block[];
  /** What a person should know of it, beyond what the host says while it goes on. */
  notes: readonly string[];
};

const NOTHING: Progress = {runs: 0, changed: 0, notes: [], blocks: []};

/** Carries one part out; the outcome when it was not confirmed. */
const carryPart = async (live: Live, state: State, part: Part, progress: Progress): Promise<Progress | StoppedRun> => {
  const blocks = [...progress.blocks, ...part.blocks];
  const count = part.changes.length + part.lasting.length;
  if (count === 0) return {...progress, blocks};
  const digest = digestOf(planIdentity(state.facts, state.plan));
  const runs = progress.runs + 1;
  const run = await carry(live, specOf(live, runs, digest, part.changes, part.lasting));
  if (run.outcome !== 'confirmed') return run;
  const unkept = run.unpersisted === undefined ? [] : [`not made to last: ${run.unpersisted}`];
  const done = run.unpersisted === undefined ? count : part.changes.length;
  return {runs, changed: progress.changed + done, notes: [...progress.notes, ...part.notes, ...unkept], blocks};
};

/** The plan without what could not be brought back exactly, unless that is allowed. */
const permitted = (live: Live, plan: Plan): Plan => (live.allowIrreversible ? plan : reversibleOnly(plan));

const devicePart = (live: Live, {facts, plan}: State): Part => ({
  ...changesOf(facts, permitted(live, plan), 'devices'),
  lasting: [],
  notes: [],
});

/**
 * What was to be made lasting before the first run still is: by now the running kernel holds it, which a plan made anew
 * cannot tell from a default that was good enough.
 */
const stillToLast = (plan: Plan, first: Plan): Plan => {
  const wanted = new Set(first.settings.filter(({pending}) => pending.includes('boot')).map(({id}) => id));
  const settings = plan.settings.map((setting) =>
    wanted.has(setting.id) && !setting.pending.includes('boot') && setting.boot.held === 'default'
      ? {...setting, pending: [...setting.pending, 'boot' as const]}
      : setting,
  );
  return {...plan, settings};
};

const queuePart = (live: Live, {facts, plan}: State, first: Plan, before: readonly Change[]): Part => {
  const queues = changesOf(facts, permitted(live, plan), 'queues');
  const lasting = lastingChanges(facts, permitted(live, stillToLast(plan, first)), live.templates, {
    allowIrreversible: live.allowIrreversible,
  });
  return {
    changes: [...before, ...queues.changes],
    lasting: lasting.changes,
    blocks: [...queues.blocks, ...lasting.blocks, ...(live.allowIrreversible ? [] : irreversible(plan))],
    notes: lasting.findings.map(({message, hint}) => (hint === undefined ? message : `${message}: ${hint}`)),
  };
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

/**
 * What can flap links and renumber interrupts comes first; then the host is read and planned anew for its queues, and for
 * what makes all of it last. A host whose NICs stay as they are needs one run only.
 */
const carryPlan = async (live: Live, first: State, before: Progress): Promise<Applied> => {
  const devices = devicePart(live, first);
  const flaps = devices.changes.some((change) => change.nic !== undefined);
  const start = flaps ? await carryPart(live, first, devices, before) : {...before, blocks: devices.blocks};
  if ('outcome' in start)
    return {outcome: 'stopped', plan: first.plan, changed: before.changed, run: start, blocks: devices.blocks};
  const now = flaps ? await readAnew(live) : first;
  const end = await carryPart(live, now, queuePart(live, now, first.plan, flaps ? [] : devices.changes), start);
  if ('outcome' in end)
    return {outcome: 'stopped', plan: first.plan, changed: start.changed, run: end, blocks: start.blocks};
  if (end.changed === 0 && end.blocks.length === 0) return {outcome: 'same', plan: first.plan};
  const last = end.changed === 0 ? first : await readAnew(live);
  const {changed, notes, blocks} = end;
  return {outcome: 'done', plan: first.plan, ...leftOf(last.plan, blocks), changed, notes, blocks};
};

/** Provisions one host: reads it, and carries out its plan under the guard. Every failure is a `Fault` that names the host. */
export const applyHost = async (target: Target, options: ApplyHostOptions): Promise<Applied> => {
  const connection = connect(target, {signal: options.signal, pacing: options.pacing});
  try {
    const live: Live = {...options, target, connection};
    const first = await read(live, connection);
    const digest = digestOf(planIdentity(first.facts, first.plan));
    if (options.approved !== undefined && options.approved !== digest) return {outcome: 'stale', plan: first.plan};
    const taken = await takeOver(first, live.templates, {
      carry: async (part) => carryPart(live, first, part, NOTHING),
      readAnew: async () => readAnew(live),
    });
    if ('run' in taken) return {outcome: 'stopped', plan: first.plan, changed: 0, run: taken.run, blocks: []};
    return await carryPlan(live, taken.state, taken.progress ?? NOTHING);
  } finally {
    await connection.close();
  }
};
