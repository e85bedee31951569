import {readHistory} from '../effects/apply/history.ts';
import {carryOut, type CarryOutOptions} from '../effects/apply/carry-out.ts';
import type {Connection, Target} from '../effects/connection.ts';
import {connect} from '../effects/connections/connect.ts';
import type {Frames} from '../facts/frames.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {digestOf} from '../effects/files.ts';
import {type Facts, factScripts, parseFacts} from '../facts/facts.ts';
import type {Change} from '../model/change.ts';
import {Fault} from '../model/fault.ts';
import type {Block, Setting} from '../model/setting.ts';
import {changesOf} from '../plan/changes/changes.ts';
import {type Phase, phaseOf} from '../plan/changes/order.ts';
import {askScripts} from '../plan/recipe/wishes.ts';
import {type Apply, chosenApply, isBegun, rolledBackBy} from '../plan/rollback/applies.ts';
import {fileScripts, filesBack, type FilesBack, withFilesBack} from '../plan/rollback/files.ts';
import {withEarlierDefault} from '../plan/rollback/kept-kernel.ts';
import {withReckoned} from '../plan/rollback/reckoned.ts';
import {type Conflict, rollbackPlan, type RollbackPlan} from '../plan/rollback/rollback-plan.ts';
import {earlierValues, valuesBefore} from '../plan/rollback/values.ts';
import {goesWithPackages} from '../plan/rollback/with-packages.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import {isTakenOver} from '../plan/take-over.ts';
import {DEFAULT_TIMES, type RunSpec} from '../plan/run/spec.ts';
import type {StoppedRun} from './carry-phase.ts';
import {mismatches} from './host-state.ts';
import {probeOver, PROBE_TIMEOUT_MS} from './gather.ts';

/** What there is to take back on one host, as it is now. */
export type Way =
  /** Nothing was ever confirmed there, or nothing of the run that was named. */
  | {way: 'none'}
  | {way: 'already'; apply: Apply; by: string}
  | {way: 'back'; apply: Apply; facts: Facts; frames: Frames; live: RollbackPlan; files: FilesBack; digest: string};

type Back = Way & {way: 'back'};

/** How one host's rollback ended. */
export type RolledBack =
  | {outcome: 'none'}
  | {outcome: 'already'; apply: string; by: string}
  /** All is as it was before the apply. */
  | {outcome: 'same'; apply: string; blocks: readonly Block[]}
  | {outcome: 'refused'; apply: string; conflicts: readonly Conflict[]}
  | {outcome: 'stale'; apply: string}
  | {
      outcome: 'done';
      apply: string;
      changed: number;
      blocks: readonly Block[];
      unkept?: string;
    }
  | {outcome: 'stopped'; apply: string; changed: number; run: StoppedRun};

export type RollbackHostOptions = {
  /** The run or apply to take back; the last confirmed apply when absent. */
  run?: string;
  /** Also takes back what somebody else has changed since. */
  force: boolean;
  /** The digest of the way that was approved. */
  approved: string;
  confirmSeconds: number;
  /** Names the rollback's runs, as an apply's. */
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

const read = async (connection: Connection, host: string, apply: Apply, begun: boolean): Promise<Back> => {
  const sysctls = earlierValues(apply).flatMap(({id}) =>
    id.startsWith('sysctl ') ? [id.slice('sysctl '.length)] : [],
  );
  const asked = askScripts(earlierValues(apply).map(({id, before, after}) => ({id, want: before ?? after ?? ''})));
  const scripts = [...factScripts({sysctls}), ...fileScripts(apply), ...asked];
  const {frames} = await probeOver(connection, host, {scripts, timeoutMs: PROBE_TIMEOUT_MS});
  const facts = parseFacts(frames);
  const live = rollbackPlan(host, facts, apply, begun);
  const files = withEarlierDefault(filesBack(frames, apply), live.blocks);
  const relied = [
    apply.id,
    live.plan.settings.map(({id, live: held, want}) => [id, held, want]),
    files.changes.map(({id, steps}) => [id, steps]),
    [...live.conflicts, ...files.conflicts],
  ];
  return {way: 'back', apply, facts, frames, live, files, digest: digestOf(JSON.stringify(relied))};
};

/** Reads what taking a run back comes to on a host; writes nothing. @throws Fault */
export const wayBack = async (connection: Connection, host: string, run: string | undefined): Promise<Way> => {
  const journals = await readHistory(connection);
  const apply = chosenApply(journals, run);
  if (!apply) return {way: 'none'};
  const by = rolledBackBy(journals, apply.id);
  return by === undefined ? read(connection, host, apply, isBegun(journals, apply.id)) : {way: 'already', apply, by};
};

type Live = RollbackHostOptions & {target: Target; connection: Connection; apply: Apply};

const readAnew = async (live: Live): Promise<Back> => {
  try {
    return await read(live.connection, live.target.name, live.apply, true);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  // A link that came back may have cut the connection that was open before.
  const connection = connect(live.target, {signal: live.signal, pacing: live.pacing});
  try {
    return await read(connection, live.target.name, live.apply, true);
  } finally {
    await connection.close();
  }
};

type Part = {number: number; changes: readonly Change[]; lasting: readonly Change[]; last: boolean; digest: string};

const carry = async (live: Live, {number, changes, lasting, last, digest}: Part): ReturnType<typeof carryOut> => {
  const run: RunSpec = {
    id: `${live.id}-${String(number)}`,
    host: live.target.name,
    by: live.by,
    at: live.at,
    digest,
    changes,
    lasting,
    times: {...DEFAULT_TIMES, confirm: live.confirmSeconds},
    rollback: {apply: live.apply.id, last},
    ...(!last && {more: []}),
  };
  await live.beforeRun?.(run);
  return carryOut(live.target, run, {
    connection: live.connection,
    pacing: live.pacing,
    signal: live.signal,
    onEvent: (event) => live.onEvent?.(run, event),
    verify: async (connection, limits) => {
      const {facts} = await read(connection, live.target.name, live.apply, true);
      const isGone = goesWithPackages(changes);
      return mismatches(facts, changes, limits).filter((found) => !isGone(found));
    },
    agree: live.agree,
  });
};

const liveBack = (
  {facts, frames, apply, live}: Back,
  phase: Phase,
  isOf: (setting: Setting) => boolean = (setting) => !isTakenOver(setting),
): ReturnType<typeof changesOf> => {
  const {changes, blocks} = changesOf(facts, {...live.plan, settings: live.plan.settings.filter(isOf)}, phase);
  return {changes: withFilesBack(frames, apply, withReckoned(apply, changes)), blocks};
};

type Progress = {runs: number; changed: number; unkept?: string};
type Stopped = RolledBack & {outcome: 'stopped'};

/** Carries one part out, if there is something to do in it. */
const carryPart = async (live: Live, part: Omit<Part, 'number'>, before: Progress): Promise<Progress | Stopped> => {
  const {changes, lasting} = part;
  if (changes.length + lasting.length === 0) return before;
  const runs = before.runs + 1;
  const run = await carry(live, {...part, number: runs});
  if (run.outcome !== 'confirmed') return {outcome: 'stopped', apply: live.apply.id, changed: before.changed, run};
  const {unpersisted: unkept} = run;
  const changed = before.changed + changes.length + (unkept === undefined ? lasting.length : 0);
  return {...before, runs, changed, ...(unkept === undefined ? {} : {unkept})};
};

/**
 * NICs that are reset come first; then queues, as they are after that, the other settings and the files; and last of all the
 * programs that were taken over from: they remember what they find when they start, and set their own values then.
 */
const carryBack = async (live: Live, first: Back): Promise<RolledBack> => {
  const apply = live.apply.id;
  const programs = liveBack(first, 'devices', isTakenOver).changes;
  const devices = liveBack(first, 'devices');
  const flaps = devices.changes.some(({nic}) => nic !== undefined);
  const more = valuesBefore(first.facts, live.apply).some(({id}) => phaseOf(id) === 'queues');
  const resets: Omit<Part, 'number'> = {
    changes: flaps ? devices.changes : [],
    lasting: [],
    last: !more && first.files.changes.length + programs.length === 0,
    digest: first.digest,
  };
  const start = await carryPart(live, resets, {runs: 0, changed: 0});
  if ('outcome' in start) return start;
  const now = flaps ? await readAnew(live) : first;
  const {digest} = now;
  const queues = liveBack(now, 'queues');
  const changes = [...(flaps ? [] : devices.changes), ...queues.changes];
  const rest = {changes, lasting: now.files.changes, last: programs.length === 0, digest};
  const middle = await carryPart(live, rest, start);
  if ('outcome' in middle) return middle;
  const last = middle.unkept === undefined;
  const end = await carryPart(live, {changes: programs, lasting: [], last, digest}, middle);
  if ('outcome' in end) return end;
  const blocks = [...first.live.blocks, ...first.files.blocks, ...devices.blocks, ...queues.blocks];
  const {changed, unkept} = end;
  if (changed === 0 && unkept === undefined) return {outcome: 'same', apply, blocks};
  return {outcome: 'done', apply, changed, blocks, ...(unkept === undefined ? {} : {unkept})};
};

/** Takes one apply back on one host, under the guard. Every failure is a `Fault`. */
export const rollbackHost = async (target: Target, options: RollbackHostOptions): Promise<RolledBack> => {
  const connection = connect(target, {signal: options.signal, pacing: options.pacing});
  try {
    const way = await wayBack(connection, target.name, options.run);
    if (way.way === 'none') return {outcome: 'none'};
    if (way.way === 'already') return {outcome: 'already', apply: way.apply.id, by: way.by};
    const conflicts = [...way.live.conflicts, ...way.files.conflicts];
    if (conflicts.length > 0 && !options.force) return {outcome: 'refused', apply: way.apply.id, conflicts};
    if (way.digest !== options.approved) return {outcome: 'stale', apply: way.apply.id};
    return await carryBack({...options, target, connection, apply: way.apply}, way);
  } finally {
    await connection.close();
  }
};
