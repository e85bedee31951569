import {setTimeout as pause} from 'node:timers/promises';
import {Fault} from '../../model/fault.ts';
import type {SettingId} from '../../model/setting.ts';
import {confirmScript} from '../../plan/run/scripts.ts';
import {numberedChanges} from '../../plan/run/spec.ts';
import type {Connection} from '../connection.ts';
import {connect} from '../connections/connect.ts';
import {DECIDE_MS, hear, interrupted, type Live, toTheEnd, undoNow} from './live-run.ts';
import type {Mismatch, RunOutcome} from './outcome.ts';
import {freshTarget, pauseAfter, wayTo} from './way.ts';

const unlike = ({id, want, found}: Mismatch): string => `${id} holds "${found}", not "${want}"`;

const limitsOf = ({run, events}: Live): readonly SettingId[] =>
  events.flatMap((event) => {
    const id = event.event === 'limit' ? numberedChanges(run)[event.change]?.id : undefined;
    return id === undefined ? [] : [id];
  });

const agreement = async (live: Live, signal: AbortSignal): Promise<{objection: string | undefined}> => {
  if (live.mismatches.length > 0 || interrupted(live)) return {objection: undefined};
  const seconds = Math.max(0, Math.floor((live.deadline - Date.now()) / 1000));
  return {objection: await live.agree?.(live.run, {seconds, signal})};
};

const decide = async (live: Live): Promise<RunOutcome> => {
  if (live.mismatches.length > 0) return undoNow(live, live.mismatches.map(unlike).join('; '));
  if (interrupted(live)) return undoNow(live, 'interrupted');
  if (live.agreed?.objection !== undefined) return undoNow(live, live.agreed.objection);
  const heard = hear(live, await live.way.ask(confirmScript(live.run.id, live.lines), DECIDE_MS));
  return heard === 'news' ? toTheEnd(live) : heard.outcome;
};

/** Verifies and decides over one new connection: what it takes to get in is the proof that anybody can. */
const decideOver = async (live: Live, connection: Connection, signal: AbortSignal): Promise<RunOutcome> => {
  live.mismatches = await live.verify(connection, limitsOf(live));
  live.agreed ??= await agreement(live, signal);
  const way = wayTo(live.target, {connection});
  try {
    return await decide({...live, way});
  } finally {
    await way.close();
  }
};

/** Only what may be the way's fault is worth another try. */
const passing = (error: unknown): error is Fault =>
  error instanceof Fault && (error.owner === 'unreachable' || error.owner === 'host' || error.code === 'interrupted');

const confirmOnce = async (live: Live): Promise<RunOutcome | Fault> => {
  const late = AbortSignal.timeout(Math.max(1, live.deadline - Date.now()));
  const signal = live.signal ? AbortSignal.any([late, live.signal]) : late;
  const connection = connect(freshTarget(live.target), {signal});
  try {
    return await decideOver(live, connection, signal);
  } catch (error) {
    if (passing(error)) return error;
    return await undoNow(live, `verifying failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await connection.close();
  }
};

/** Verifies and confirms while the window is open, over as many new connections as it takes. */
export const confirmInTime = async (live: Live): Promise<RunOutcome> => {
  for (let tries = 0; Date.now() < live.deadline; tries += 1) {
    if (interrupted(live)) return undoNow(live, 'interrupted');
    const tried = await confirmOnce(live);
    if (!(tried instanceof Fault)) return tried;
    // That our own time was up says less than what came before.
    if (tried.code !== 'interrupted') live.lastFault = tried;
    await pause(Math.min(pauseAfter(tries), Math.max(0, live.deadline - Date.now())));
  }
  return interrupted(live) ? undoNow(live, 'interrupted') : toTheEnd(live);
};
