import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {FileTemplates} from '../../plan/lasting/lasting-file.ts';
import {isOver, type RunEvent} from '../../plan/run/answer.ts';
import {DEFAULT_TIMES, type RunSpec} from '../../plan/run/spec.ts';
import type {TrialAnswer} from '../../plan/trial/answer.ts';
import {
  dropTrialScript,
  keepTrialScript,
  startTrialScript,
  trialStatusScript,
  trialWrittenScript,
} from '../../plan/trial/scripts.ts';
import type {TrialSpec} from '../../plan/trial/trial.ts';
import type {Connection, Target} from '../connection.ts';
import {connect} from '../connections/connect.ts';
import type {Pacing} from '../connections/pacing.ts';
import {carryOut} from './carry-out.ts';
import type {Mismatch, RunOutcome} from './outcome.ts';
import {fellBack, kept, trialRefusal, type TrialOutcome} from './trial-outcome.ts';
import {askTrial, knock} from './trial-way.ts';
import {freshTarget} from './way.ts';

export type {TrialOutcome} from './trial-outcome.ts';

/** What a trial is about just now. */
export type TrialEvent =
  /** The one-shot entry is chosen and the host goes down. */
  | {event: 'rebooting'; deadline: number}
  /** Seconds since then. */
  | {event: 'waiting'; seconds: number}
  | {event: 'back'; onTrial: boolean};

export type TrialOptions = {
  templates: FileTemplates;
  /** Names the run that makes a kept trial last. */
  keepAs: string;
  /** Reads the host in its trial boot, and says what does not hold. */
  verify(connection: Connection): Promise<readonly Mismatch[]>;
  /** An open connection to the host, root's, to begin with; it stays the caller's. */
  connection?: Connection | undefined;
  pacing?: Pacing | undefined;
  signal: AbortSignal;
  /** Most time, beyond the deadline, until the host answers again one way or the other. */
  awaySeconds?: number;
  onEvent?: ((event: TrialEvent) => void) | undefined;
  onRunEvent?: ((run: RunSpec, event: RunEvent) => void) | undefined;
};

// Down, firmware and up, twice: units that do not stop are given 90 s each, and servers with much memory train it for minutes.
const AWAY_SECONDS = 2 * (180 + 600) + 180;
// sshd starts after what ends a trial, unless that has failed.
const LEFTOVER_MS = 120_000;

type Trying = TrialOptions & {
  target: Target;
  spec: TrialSpec;
  /** When the host began to go down: our clock, milliseconds. */
  begun: number;
  /** The boot that it was started in; unknown where the connection was cut before it was told. */
  boot?: string;
  /** When a plain boot was met that has not ended the trial. */
  met?: number;
  mismatches: readonly Mismatch[];
  /** The host has been told to go back. */
  dropped: boolean;
};

type Answered = Extract<TrialAnswer, {state: unknown}>;

const lost = ({target, spec}: Trying): TrialOutcome => ({
  outcome: 'lost',
  reason: `${target.name} has not come back; unless it hangs without a panic, it goes back to its earlier boot by itself ${String(spec.deadline)} s after the trial's start`,
});

const interrupted = ({target, spec}: Trying): TrialOutcome => ({
  outcome: 'interrupted',
  reason: `nobody waits for ${target.name} any more: it goes back to its earlier boot by itself ${String(spec.deadline)} s after the trial's start`,
});

const runOf = ({spec: {trial, host, by, at, digest}, keepAs}: Trying): RunSpec => ({
  id: keepAs,
  host,
  by,
  at,
  digest,
  changes: [],
  lasting: trial.lasting,
  times: DEFAULT_TIMES,
});

/** Makes a kept trial last: a run of its own, with a journal that a rollback finds. */
const makeLast = async (trying: Trying): Promise<RunOutcome> => {
  const run = runOf(trying);
  try {
    return await carryOut(trying.target, run, {
      verify: async () => [],
      onEvent: (event) => trying.onRunEvent?.(run, event),
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return {outcome: 'lost', reason: error.message};
  }
};

const persisted = (run: RunOutcome): boolean => run.outcome === 'confirmed' && run.unpersisted === undefined;

/** What is left to do once the host has taken the trial for kept. */
const finish = async (trying: Trying, connection: Connection, answer: Answered): Promise<TrialOutcome> => {
  const run = await makeLast(trying);
  const script = trialWrittenScript(trying.spec.id, 0);
  if (persisted(run)) await askTrial(connection, trying.target.name, script).catch(() => undefined);
  return kept(answer, run);
};

const isKept = ({state, onTrial}: Answered): boolean => state === 'unpersisted' && onTrial;

const keepIt = async (trying: Trying, connection: Connection): Promise<TrialOutcome | undefined> => {
  const answer = await askTrial(connection, trying.target.name, keepTrialScript(trying.spec.id, 0));
  // Otherwise its deadline was faster, and it goes down already.
  return 'state' in answer && isKept(answer) ? finish(trying, connection, answer) : undefined;
};

const unlike = ({id, want, found}: Mismatch): string => `${id} holds "${found}", not "${want}"`;

const isPassing = (error: unknown): boolean => error instanceof Fault && error.owner === 'unreachable';

/** Why the trial boot shall not be kept; undefined where all holds. */
const objection = async (trying: Trying, connection: Connection): Promise<string | undefined> => {
  try {
    trying.mismatches = await trying.verify(connection);
    return trying.mismatches.length === 0 ? undefined : trying.mismatches.map(unlike).join('; ');
  } catch (error) {
    if (isPassing(error) || trying.signal.aborted) throw error;
    return `verifying failed: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const decide = async (trying: Trying, connection: Connection): Promise<TrialOutcome | undefined> => {
  trying.onEvent?.({event: 'back', onTrial: true});
  const why = await objection(trying, connection);
  if (trying.signal.aborted) return undefined;
  if (why === undefined) return keepIt(trying, connection);
  trying.dropped = true;
  await askTrial(connection, trying.target.name, dropTrialScript(trying.spec.id, 0, printableLine(why, 500)));
  return undefined;
};

const isLeftOver = (trying: Trying, {boot, onTrial}: Answered): boolean => {
  if (onTrial || trying.boot === undefined || boot === trying.boot) return false;
  trying.met ??= Date.now();
  return Date.now() > trying.met + LEFTOVER_MS;
};

const LEFT = 'the host is back on its earlier boot, and could not take the traces of the trial away yet';

/** What there is to say of a host that answers; undefined as long as it is on its way. */
const meet = async (trying: Trying, connection: Connection): Promise<TrialOutcome | undefined> => {
  const {target, spec} = trying;
  const answer = await askTrial(connection, target.name, trialStatusScript(spec.id, 0));
  if ('refused' in answer) return trialRefusal(answer.refused, answer.text);
  // The answer to our own word was cut off.
  if (isKept(answer)) return finish(trying, connection, answer);
  if (isOver(answer.state)) {
    trying.onEvent?.({event: 'back', onTrial: false});
    return fellBack(answer, trying.mismatches);
  }
  if (isLeftOver(trying, answer)) return {...fellBack(answer, trying.mismatches), reason: LEFT};
  return answer.onTrial && !trying.dropped ? decide(trying, connection) : undefined;
};

/** Waits for the host to come back, one way or the other. */
const waitForIt = async (trying: Trying): Promise<TrialOutcome> => {
  const {target, spec, signal, begun, awaySeconds = AWAY_SECONDS} = trying;
  const until = begun + (spec.deadline + awaySeconds) * 1000;
  const onTry = (): void => trying.onEvent?.({event: 'waiting', seconds: Math.round((Date.now() - begun) / 1000)});
  const outcome = await knock(target, {signal, until, onTry}, async (connection) => meet(trying, connection));
  return outcome ?? (signal.aborted ? interrupted(trying) : lost(trying));
};

const sendOver = async (trying: Trying, connection: Connection, reached: () => boolean): Promise<TrialOutcome> => {
  const {target, spec, templates} = trying;
  let answer: Exclude<TrialAnswer, undefined> | undefined;
  try {
    answer = await askTrial(connection, target.name, startTrialScript(spec, templates));
  } catch (error) {
    // The host may have gone down before it could answer.
    if (!(error instanceof Fault) || !reached()) throw error;
  }
  if (answer && 'refused' in answer) return trialRefusal(answer.refused, answer.text);
  if (answer && isOver(answer.state)) return fellBack(answer, []);
  if (answer) trying.boot = answer.boot;
  trying.begun = Date.now();
  trying.onEvent?.({event: 'rebooting', deadline: spec.deadline});
  return waitForIt(trying);
};

/**
 * Boots a host once as `spec` says, and keeps that only when the host comes back, is reached over a connection of its own
 * and `verify` finds nothing amiss. Whatever happens to us meanwhile, the host is back on its earlier boot by its deadline.
 * @throws Fault where the host was not reached before anything was begun
 */
export const tryBoot = async (target: Target, spec: TrialSpec, options: TrialOptions): Promise<TrialOutcome> => {
  options.signal.throwIfAborted();
  let reached = options.connection !== undefined;
  const onReady = (): void => {
    reached = true;
  };
  const connection = options.connection ?? connect(freshTarget(target), {...options, onReady});
  const trying: Trying = {...options, target, spec, begun: Date.now(), mismatches: [], dropped: false};
  try {
    return await sendOver(trying, connection, () => reached);
  } finally {
    if (!options.connection) await connection.close();
  }
};
