import {readHistory} from '../effects/apply/history.ts';
import {carryOut} from '../effects/apply/carry-out.ts';
import type {Connection, Target} from '../effects/connection.ts';
import {connect} from '../effects/connections/connect.ts';
import type {Frames} from '../facts/frames.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {digestOf} from '../effects/files.ts';
import {type Facts, factScripts, parseFacts} from '../facts/facts.ts';
import type {Change} from '../model/change.ts';
import {Fault} from '../model/fault.ts';
import type {Block} from '../model/setting.ts';
import {changesOf} from '../plan/changes/changes.ts';
import {type Phase, phaseOf} from '../plan/changes/order.ts';
import {askScripts} from '../plan/recipe/wishes.ts';
import {type Apply, chosenApply, isBegun, rolledBackBy} from '../plan/rollback/applies.ts';
import {fileScripts, filesBack, type FilesBack, withFilesBack} from '../plan/rollback/files.ts';
import {type Conflict, rollbackPlan, type RollbackPlan} from '../plan/rollback/rollback-plan.ts';
import {earlierValues, valuesBefore} from '../plan/rollback/values.ts';
import type {RunEvent} from '../plan/run/answer.ts';
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
  const files = filesBack(frames, apply);
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
  return carryOut(live.target, run, {
    connection: live.connection,
    pacing: live.pacing,
    signal: live.signal,
    onEvent: (event) => live.onEvent?.(run, event),
    verify: async (connection, limits) =>
      mismatches((await read(connection, live.target.name, live.apply, true)).facts, changes, limits),
  });
};

const liveBack = ({facts, frames, apply, live}: Back, phase: Phase): ReturnType<typeof changesOf> => {
  const {changes, blocks} = changesOf(facts, live.plan, phase);
  return {changes: withFilesBack(frames, apply, changes), blocks};
};

const carryBack = async (live: Live, first: Back): Promise<RolledBack> => {
  const apply = live.apply.id;
  const devices = liveBack(first, 'devices');
  const flaps = devices.changes.some(({nic}) => nic !== undefined);
  let changed = 0;
  if (flaps) {
    const more = valuesBefore(first.facts, live.apply).some(({id}) => phaseOf(id) === 'queues');
    const last = !more && first.files.changes.length === 0;
    const run = await carry(live, {number: 1, changes: devices.changes, lasting: [], last, digest: first.digest});
    if (run.outcome !== 'confirmed') return {outcome: 'stopped', apply, changed, run};
    changed = devices.changes.length;
  }
  const now = flaps ? await readAnew(live) : first;
  const queues = liveBack(now, 'queues');
  const changes = [...(flaps ? [] : devices.changes), ...queues.changes];
  const lasting = now.files.changes;
  const blocks = [...first.live.blocks, ...first.files.blocks, ...devices.blocks, ...queues.blocks];
  if (changes.length + lasting.length === 0)
    return changed === 0 ? {outcome: 'same', apply, blocks} : {outcome: 'done', apply, changed, blocks};
  const number = flaps ? 2 : 1;
  const run = await carry(live, {number, changes, lasting, last: true, digest: now.digest});
  if (run.outcome !== 'confirmed') return {outcome: 'stopped', apply, changed, run};
  const unkept = run.unpersisted;
  changed += changes.length + (unkept === undefined ? lasting.length : 0);
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
