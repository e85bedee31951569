import {Fault} from '../../model/fault.ts';
import {isOver} from '../../plan/run/answer.ts';
import {followScript, startScript} from '../../plan/run/scripts.ts';
import type {RunSpec} from '../../plan/run/spec.ts';
import type {Target} from '../connection.ts';
import {confirmInTime} from './confirm.ts';
import {
  type CarryOutOptions,
  ended,
  hear,
  type Heard,
  insist,
  interrupted,
  type Live,
  secondsFromNow,
  undoNow,
} from './live-run.ts';
import type {RunOutcome} from './outcome.ts';
import {wayTo} from './way.ts';

export type {CarryOutOptions} from './live-run.ts';

const START_MS = 60_000;

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

// The shell that reads an image's root is this machine's own: a run would change this machine.
const demandHost = ({via, name}: Target): void => {
  if (via === 'ssh' || via === 'local') return;
  throw new Fault({
    code: 'not-a-host',
    owner: 'user',
    host: name,
    message: `${name} is ${via === 'root' ? 'an unpacked image' : 'a recording'}: nothing can be carried out there`,
    hint: 'choose hosts by an inventory (-i)',
  });
};

/**
 * Carries out one guarded run on one host: sends it, follows it, verifies over a fresh connection and confirms. Whatever
 * happens to us or to the connection meanwhile, the host ends confirmed or as it was.
 * @throws Fault where the host was not reached, or was lost before the run began
 */
export const carryOut = async (target: Target, run: RunSpec, options: CarryOutOptions): Promise<RunOutcome> => {
  demandHost(target);
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
