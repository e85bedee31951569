import type {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {SettingId} from '../../model/setting.ts';
import {isOver, type RunAnswer, type RunEvent, type RunState} from '../../plan/run/answer.ts';
import {followScript, undoNowScript} from '../../plan/run/scripts.ts';
import type {RunSpec} from '../../plan/run/spec.ts';
import type {Connection, Target} from '../connection.ts';
import type {Pacing} from '../connections/pacing.ts';
import {type Mismatch, outcomeOf, refusal, type RunOutcome} from './outcome.ts';
import type {Way} from './way.ts';

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
  /**
   * Asked once all is read back well, while the window is open (`signal` says when it is not): why the run shall be
   * undone; undefined keeps it.
   */
  agree?: ((run: RunSpec, window: {seconds: number; signal: AbortSignal}) => Promise<string | undefined>) | undefined;
};

/** A run that goes on, as far as we have heard of it. */
export type Live = CarryOutOptions & {
  target: Target;
  run: RunSpec;
  way: Way;
  state: RunState | undefined;
  journal: string;
  guarded: boolean;
  lines: number;
  events: RunEvent[];
  mismatches: readonly Mismatch[];
  /** What `agree` said: it is asked once a run, over however many connections. */
  agreed?: {objection: string | undefined};
  /** When the guard undoes it, unless it puts its deadline off: our clock, milliseconds. */
  deadline: number;
  lastFault?: Fault;
};

/** Confirming and undoing wait on the host for what comes of it: milliseconds. */
export const DECIDE_MS = 30_000;

// What a host may need beyond its guard's times: undoing itself, and sshd answering again.
const MARGIN_SECONDS = 30;

export const secondsFromNow = (seconds: number): number => Date.now() + seconds * 1000;

/** News of a run that goes on, or how it ended. */
export type Heard = 'news' | {outcome: RunOutcome};

/** Takes in what the host says of its run. */
export const hear = (live: Live, answer: Exclude<RunAnswer, undefined>): Heard => {
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

export const interrupted = (live: Live): boolean => live.signal?.aborted === true;

/** When to give up a host that does not answer: its guard has had time to undo everything by then. */
const patience = ({deadline, run: {times}}: Live): number =>
  deadline + (times.settle + times.confirm + MARGIN_SECONDS) * 1000;

const lost = ({target, state}: Live): RunOutcome => {
  const byItself =
    state === 'persisting' || state === 'confirmed'
      ? 'the run was confirmed, and the host makes it last by itself'
      : 'its guard undoes the run by itself';
  return {outcome: 'lost', reason: `${target.name} does not answer any more; ${byItself}`};
};

/** Asks until the host answers, and takes that in. */
export const insist = async (live: Live, script: () => string, timeoutMs?: number): Promise<Heard> => {
  const answer = await live.way.insist(script, {until: () => patience(live), timeoutMs});
  return answer ? hear(live, answer) : {outcome: lost(live)};
};

export const ended = (live: Live, state: RunState): RunOutcome =>
  outcomeOf(live.run, {...live, state, interrupted: interrupted(live)});

/** Follows a run to its very end. */
export const toTheEnd = async (live: Live): Promise<RunOutcome> => {
  for (;;) {
    if (live.state !== undefined && isOver(live.state)) return ended(live, live.state);
    const heard = await insist(live, () => followScript(live.run.id, live.lines));
    if (heard !== 'news') return heard.outcome;
  }
};

/** Undoes the run now; where it was confirmed or undone already, that stands. */
export const undoNow = async (live: Live, reason: string): Promise<RunOutcome> => {
  const why = printableLine(reason, 500);
  const heard = await insist(live, () => undoNowScript(live.run.id, live.lines, why), DECIDE_MS);
  return heard === 'news' ? toTheEnd(live) : heard.outcome;
};
