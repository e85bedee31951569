import {setTimeout as pause} from 'node:timers/promises';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {SettingId} from '../../model/setting.ts';
import {isOver, type RunAnswer, type RunEvent, type RunState} from '../../plan/run/answer.ts';
import {confirmScript, followScript, startScript, undoNowScript} from '../../plan/run/scripts.ts';
import {numberedChanges, type RunSpec} from '../../plan/run/spec.ts';
import type {Connection, Target} from '../connection.ts';
import {connect} from '../connections/connect.ts';
import type {Pacing} from '../connections/pacing.ts';
import {type Mismatch, outcomeOf, refusal, type RunOutcome} from './outcome.ts';
import {freshTarget, type Way, wayTo} from './way.ts';

export type CarryOutOptions = {
  /**
   * Reads the host again over a connection that was not there before, and says what does not hold its wanted value.
   * `limits` are settings that the kernel keeps as they are.
   */
  verify(connection: Connection, limits: readonly SettingId[]): Promise<readonly Mismatch[]>;
  /** An open connection to the host, root's, to begin with; it stays the caller's. */
  connection?: Connection | undefined;
  /** Where this host queues before its first login, if there is no connection yet. */
  pacing?: Pacing | undefined;
  /** Aborting before the confirmation undoes the run at once. */
  signal?: AbortSignal | undefined;
  onEvent?: ((event: RunEvent) => void) | undefined;
};

type Live = CarryOutOptions & {
  target: Target;
  run: RunSpec;
  way: Way;
  state: RunState | undefined;
  journal: string;
  guarded: boolean;
  lines: number;
  events: RunEvent[];
  mismatches: readonly Mismatch[];
  /** When the guard undoes it, unless it puts its deadline off: our clock, milliseconds. */
  deadline: number;
  lastFault?: Fault;
};

const START_MS = 60_000;

// Confirming and undoing wait on the host for what comes of it.
const DECIDE_MS = 30_000;

// What a host may need beyond its guard's times: undoing itself, and sshd answering again.
const MARGIN_SECONDS = 30;

const AGAIN_MS = 500;

const secondsFromNow = (seconds: number): number => Date.now() + seconds * 1000;

type Heard = 'news' | {outcome: RunOutcome};

/** Takes in what the host says of its run. */
const hear = (live: Live, answer: Exclude<RunAnswer, undefined>): Heard => {
  if ('refused' in answer) {
    if (answer.refused !== 'unknown-run' || live.state === undefined)
      return {outcome: refusal(answer.refused, answer.text)};
    const reason = 'the host has rebooted, and nothing of the run is left';
    return {outcome: {outcome: 'rolled-back', reason, journal: '', mismatches: [], notUndone: []}};
  }
  live.state = answer.state;
  live.journal = answer.journal;
  live.guarded = answer.guarded;
  live.lines += answer.lines;
  if (answer.left !== undefined) live.deadline = secondsFromNow(answer.left);
  for (const event of answer.events) {
    live.events.push(event);
    live.onEvent?.(event);
  }
  return 'news';
};

const interrupted = (live: Live): boolean => live.signal?.aborted === true;

/** When to give up a host that does not answer: its guard has had time to undo everything by then. */
const patience = ({deadline, run: {times}}: Live): number =>
  deadline + (times.settle + times.confirm + MARGIN_SECONDS) * 1000;

const lost = (live: Live): RunOutcome => ({
  outcome: 'lost',
  reason: `${live.target.name} does not answer any more; its guard undoes the run by itself`,
});

/** Asks until the host answers, and takes that in. */
const insist = async (live: Live, script: () => string, timeoutMs?: number): Promise<Heard> => {
  const answer = await live.way.insist(script, {until: () => patience(live), timeoutMs});
  return answer ? hear(live, answer) : {outcome: lost(live)};
};

const ended = (live: Live, state: RunState): RunOutcome =>
  outcomeOf(live.run, {...live, state, interrupted: interrupted(live)});

/** Follows a run to its very end. */
const toTheEnd = async (live: Live): Promise<RunOutcome> => {
  for (;;) {
    if (live.state !== undefined && isOver(live.state)) return ended(live, live.state);
    const heard = await insist(live, () => followScript(live.run.id, live.lines));
    if (heard !== 'news') return heard.outcome;
  }
};

/** Undoes the run now; where it was confirmed or undone already, that stands. */
const undoNow = async (live: Live, reason: string): Promise<RunOutcome> => {
  const why = printableLine(reason, 500);
  const heard = await insist(live, () => undoNowScript(live.run.id, live.lines, why), DECIDE_MS);
  return heard === 'news' ? toTheEnd(live) : heard.outcome;
};

const unlike = ({id, want, found}: Mismatch): string => `${id} holds "${found}", not "${want}"`;

const limitsOf = ({run, events}: Live): readonly SettingId[] =>
  events.flatMap((event) => {
    const id = event.event === 'limit' ? numberedChanges(run)[event.change]?.id : undefined;
    return id === undefined ? [] : [id];
  });

/** Verifies and confirms over one new connection: what it takes to get in is the proof that anybody can. */
const confirmOver = async (live: Live, connection: Connection): Promise<RunOutcome> => {
  live.mismatches = await live.verify(connection, limitsOf(live));
  const fresh = wayTo(live.target, {connection});
  if (live.mismatches.length > 0) return undoNow({...live, way: fresh}, live.mismatches.map(unlike).join('; '));
  if (interrupted(live)) return undoNow({...live, way: fresh}, 'interrupted');
  const heard = hear(live, await fresh.ask(confirmScript(live.run.id, live.lines), DECIDE_MS));
  return heard === 'news' ? toTheEnd(live) : heard.outcome;
};

/** Only what may be the way's fault is worth another try. */
const passing = (error: unknown): error is Fault =>
  error instanceof Fault && (error.owner === 'unreachable' || error.owner === 'host' || error.code === 'interrupted');

const confirmOnce = async (live: Live): Promise<RunOutcome | Fault> => {
  const late = AbortSignal.timeout(Math.max(1, live.deadline - Date.now()));
  const signal = live.signal ? AbortSignal.any([late, live.signal]) : late;
  const connection = connect(freshTarget(live.target), {signal});
  try {
    return await confirmOver(live, connection);
  } catch (error) {
    if (passing(error)) return error;
    return await undoNow(live, `verifying failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await connection.close();
  }
};

const confirmInTime = async (live: Live): Promise<RunOutcome> => {
  while (Date.now() < live.deadline) {
    if (interrupted(live)) return undoNow(live, 'interrupted');
    const tried = await confirmOnce(live);
    if (!(tried instanceof Fault)) return tried;
    // That our own time was up says less than what came before.
    if (tried.code !== 'interrupted') live.lastFault = tried;
    await pause(AGAIN_MS);
  }
  return interrupted(live) ? undoNow(live, 'interrupted') : toTheEnd(live);
};

/** Follows the run until its window opens, it is over, or something asks for its end. */
const follow = async (live: Live): Promise<RunOutcome> => {
  for (;;) {
    if (live.state !== undefined && isOver(live.state)) return ended(live, live.state);
    if (live.state === 'awaiting') return confirmInTime(live);
    if (interrupted(live)) return undoNow(live, 'interrupted');
    if (live.state !== undefined && !live.guarded) return undoNow(live, 'its guard is gone');
    const heard = await insist(live, () => followScript(live.run.id, live.lines));
    if (heard !== 'news') return heard.outcome;
  }
};

/** Sends the run. Where the connection is cut in the middle, the host is asked whether it has begun. */
const start = async (live: Live): Promise<Heard> => {
  try {
    return hear(live, await live.way.ask(startScript(live.run), START_MS));
  } catch (error) {
    if (!(error instanceof Fault) || !live.way.reached()) throw error;
    const heard = await insist(live, () => followScript(live.run.id, 0));
    if (heard !== 'news' && heard.outcome.outcome === 'refused' && heard.outcome.code === 'unknown-run') throw error;
    return heard;
  }
};

const withLastFault = (outcome: RunOutcome, fault: Fault | undefined): RunOutcome => {
  if (outcome.outcome !== 'rolled-back' || outcome.failed || outcome.mismatches.length > 0 || !fault) return outcome;
  return {...outcome, reason: `${outcome.reason} (${fault.message})`};
};

/**
 * Carries out one guarded run on one host: sends it, follows it, verifies over a fresh connection and confirms. Whatever
 * happens to us or to the connection meanwhile, the host ends confirmed or as it was.
 * @throws Fault where the host was not reached, or was lost before the run began
 */
export const carryOut = async (target: Target, run: RunSpec, options: CarryOutOptions): Promise<RunOutcome> => {
  options.signal?.throwIfAborted();
  const way = wayTo(target, options);
  const deadline = secondsFromNow(run.times.step);
  const live: Live = {
    ...options,
    target,
    run,
    way,
    deadline,
    state: undefined,
    journal: '',
    guarded: true,
    lines: 0,
    events: [],
    mismatches: [],
  };
  try {
    const heard = await start(live);
    const outcome = heard === 'news' ? await follow(live) : heard.outcome;
    return withLastFault(outcome, live.lastFault);
  } finally {
    await way.close();
  }
};
