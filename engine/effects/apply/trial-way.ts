import {setTimeout as pause} from 'node:timers/promises';
import {Fault} from '../../model/fault.ts';
import {parseTrialAnswer, type TrialAnswer} from '../../plan/trial/answer.ts';
import type {Connection, Target} from '../connection.ts';
import {connect} from '../connections/connect.ts';
import {freshTarget, pauseAfter} from './way.ts';

/** A host that has just booted answers late. */
const ANSWER_MS = 60_000;

/** Asks over an open connection. @throws Fault also where the answer is not whole */
export const askTrial = async (
  connection: Connection,
  host: string,
  script: string,
): Promise<Exclude<TrialAnswer, undefined>> => {
  const answer = parseTrialAnswer((await connection.run(script, {timeoutMs: ANSWER_MS})).stdout);
  if (answer) return answer;
  throw new Fault({code: 'run-answer', owner: 'host', host, message: `${host} did not say how its trial stands`});
};

/** Only what a reboot may bring about is worth another try. */
const passing = (error: unknown): boolean =>
  error instanceof Fault && (error.owner === 'unreachable' || error.owner === 'host');

export type Knocking = {
  signal: AbortSignal;
  /** When to give up: our clock, milliseconds. */
  until: number;
  /** Called before each try. */
  onTry: () => void;
};

/**
 * Does something over new connections, one after the other, until it answers more than undefined; undefined when it has not
 * by then, or when the signal asks for an end.
 */
export const knock = async <T>(
  target: Target,
  {signal, until, onTry}: Knocking,
  over: (connection: Connection) => Promise<T | undefined>,
): Promise<T | undefined> => {
  for (let tries = 0; Date.now() < until && !signal.aborted; tries += 1) {
    onTry();
    const connection = connect(freshTarget(target), {signal});
    try {
      const answer = await over(connection);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!passing(error) && !signal.aborted) throw error;
    } finally {
      await connection.close();
    }
    await pause(pauseAfter(tries), undefined, {signal}).catch(() => undefined);
  }
  return undefined;
};
