import {carryOut, type CarryOutOptions} from '../effects/apply/carry-out.ts';
import type {RunOutcome} from '../effects/apply/outcome.ts';
import {sendUploads} from '../effects/upload.ts';
import type {Change} from '../model/change.ts';
import type {Block, Plan, SettingId} from '../model/setting.ts';
import {changesOf} from '../plan/changes/changes.ts';
import {irreversible, reversibleOnly} from '../plan/changes/irreversible.ts';
import {lastingChanges} from '../plan/lasting/lasting-changes.ts';
import type {FileTemplates} from '../plan/lasting/lasting-file.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import {DEFAULT_TIMES, type RunSpec} from '../plan/run/spec.ts';
import {trialOf} from '../plan/trial/trial-of.ts';
import {digestOfState, readAfter, readAnew, readBack, type Reading, type State} from './host-state.ts';

/** One host's provisioning, as it goes on. */
export type Live = Reading & {
  templates: FileTemplates;
  confirmSeconds: number;
  allowIrreversible: boolean;
  /** Names this apply's runs: the first is `ID-1`, the second `ID-2`. */
  id: string;
  by: string;
  at: string;
  onEvent?: (run: RunSpec, event: RunEvent) => void;
  /** What else happens to the host: it reboots, it is back. */
  onNote?: (text: string) => void;
  /** The host may be rebooted where a phase of the plan waits for that. */
  reboot: boolean;
  /** Called before each run is sent. What it throws leaves the host as it is. */
  beforeRun?: (run: RunSpec) => Promise<void>;
  /** See `CarryOutOptions.agree`. */
  agree?: CarryOutOptions['agree'];
};

export type StoppedRun = Exclude<RunOutcome, {outcome: 'confirmed'}>;

export type Progress = {runs: number; changed: number; notes: readonly string[]; blocks: readonly Block[]};

export type Part = {
  changes: readonly Change[];
  lasting: readonly Change[];
  blocks: readonly Block[];
  /** What a person should know of it, beyond what the host says while it goes on. */
  notes: readonly string[];
  /** See `RunSpec.more`. */
  more?: readonly SettingId[];
};

export const NOTHING: Progress = {runs: 0, changed: 0, notes: [], blocks: []};

const specOf = (live: Live, number: number, state: State, {changes, lasting, more}: Part): RunSpec => ({
  id: `${live.id}-${String(number)}`,
  host: live.target.name,
  by: live.by,
  at: live.at,
  digest: digestOfState(state),
  changes,
  lasting,
  times: {...DEFAULT_TIMES, confirm: live.confirmSeconds},
  ...(more && {more}),
});

const carry = async (live: Live, run: RunSpec, {facts}: State): Promise<RunOutcome> => {
  await live.beforeRun?.(run);
  return carryOut(live.target, run, {
    connection: live.connection,
    pacing: live.pacing,
    signal: live.signal,
    onEvent: (event) => live.onEvent?.(run, event),
    verify: async (connection, limits) => readBack({...live, known: facts}, connection, run.changes, limits),
    agree: live.agree,
  });
};

const PERCENT = 25;

/** Sends what the part's changes install or copy. Nothing of it counts before a run says so. */
const sendFiles = async (live: Live, {plan}: State, {changes}: Part): Promise<void> => {
  const changing = new Set(changes.map(({id}) => id));
  const uploads = plan.settings.flatMap(({id, uploads: own = []}) => (changing.has(id) ? own : []));
  let told = 0;
  await sendUploads(live.target, uploads, {
    connection: live.connection,
    signal: live.signal,
    onProgress: ({from}, sent, size) => {
      const percent = size === 0 ? 100 : Math.floor((sent * 100) / size);
      if (percent < told + PERCENT && percent < 100) return;
      told = percent === 100 ? 0 : percent;
      live.onNote?.(`receives ${from}: ${String(percent)} %`);
    },
  });
};

/** Carries one part out; the outcome when it was not confirmed. */
export const carryPart = async (
  live: Live,
  state: State,
  part: Part,
  progress: Progress,
): Promise<Progress | StoppedRun> => {
  const blocks = [...progress.blocks, ...part.blocks];
  const count = part.changes.length + part.lasting.length;
  if (count === 0) return {...progress, blocks};
  const runs = progress.runs + 1;
  await sendFiles(live, state, part);
  const run = await carry(live, specOf(live, runs, state, part), state);
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
  more: permitted(live, plan).settings.flatMap(({id, pending}) => (pending.includes('boot') ? [id] : [])),
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

type Queues = {first: Plan; before: readonly Change[]; tries: boolean};

const queuePart = (live: Live, {facts, plan}: State, {first, before, tries}: Queues): Part => {
  const queues = changesOf(facts, permitted(live, plan), 'queues');
  const lasting = lastingChanges(facts, permitted(live, stillToLast(plan, first)), live.templates, {
    // What a boot is about to try is not written untried.
    allowIrreversible: live.allowIrreversible && !tries,
  });
  return {
    changes: [...before, ...queues.changes],
    lasting: lasting.changes,
    blocks: [...queues.blocks, ...lasting.blocks, ...(live.allowIrreversible ? [] : irreversible(plan))],
    notes: lasting.findings.map(({message, hint}) => (hint === undefined ? message : `${message}: ${hint}`)),
  };
};

/** How a phase ended: how far it came, and the host as it is then; `state` is absent where nothing was changed. */
export type Carried = {progress: Progress; state?: State} | {stopped: StoppedRun; changed: number};

/** One phase: its part of the host's plan, and whether the host is rebooted after it where it waits for that. */
export type PhasePart = {of: (plan: Plan) => Plan; reboot: boolean};

/** Whether a boot will try what of this plan waits for one. */
const triesBoot = (live: Live, {facts, plan}: State, {reboot}: PhasePart): boolean =>
  reboot && live.reboot && trialOf(facts, plan, live.templates).trial !== undefined;

/**
 * Carries out one phase: what can flap links and renumber interrupts comes first; then the host is read and planned anew for
 * its queues, and for what makes all of it last. A host whose NICs stay as they are needs one run only.
 */
export const carryPhase = async (live: Live, first: State, part: PhasePart, before: Progress): Promise<Carried> => {
  const own = (state: State): State => ({...state, plan: part.of(state.plan)});
  const devices = devicePart(live, own(first));
  const flaps = devices.changes.some((change) => change.nic !== undefined);
  const start = flaps
    ? await carryPart(live, first, devices, before)
    : {...before, blocks: [...before.blocks, ...devices.blocks]};
  if ('outcome' in start) return {stopped: start, changed: before.changed};
  const now = flaps ? await readAnew(live) : first;
  const rest = queuePart(live, own(now), {
    first: part.of(first.plan),
    before: flaps ? [] : devices.changes,
    tries: triesBoot(live, own(now), part),
  });
  const end = await carryPart(live, now, rest, start);
  if ('outcome' in end) return {stopped: end, changed: start.changed};
  return end.changed === before.changed ? {progress: end} : {progress: end, state: await readAfter(live, now, rest)};
};
