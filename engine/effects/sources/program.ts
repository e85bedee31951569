import {printableLine} from '../../model/printable.ts';
import {toolOutcome, type ToolOutcome} from '../system-tool.ts';
import {storeFull} from '../store/faults.ts';
import {interruptedBy} from './faults.ts';

type Limits = {signal: AbortSignal; environment?: Readonly<Record<string, string | undefined>>};

/**
 * Runs a program that reaches out for sources: with the user's environment, which may hold proxies, agents and credentials.
 * @throws Fault `missing-tool`, `interrupted`, `tool-failed`
 */
export const runProgram = async (
  command: string,
  words: readonly string[],
  {signal, environment}: Limits,
): Promise<ToolOutcome> => {
  const all = Object.entries({...process.env, LC_ALL: 'C.UTF-8', ...environment});
  const defined = Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  try {
    return await toolOutcome(command, words, {signal, environment: defined});
  } catch (error) {
    throw signal.aborted ? interruptedBy(signal) : error;
  }
};

/** The last lines of what a program complained about. */
export const complaint = ({stderr, status}: ToolOutcome): string => {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-2);
  return lines.length === 0 ? `it ended with status ${String(status)}` : printableLine(lines.join('; '));
};

/**
 * Demands that a program which wrote into the store came to a good end.
 * @throws Fault `store-full` where its disk is; otherwise what `otherwise` makes of its last words
 */
export const demandDone = async (
  said: ToolOutcome,
  store: string,
  otherwise: (why: string) => Error,
): Promise<void> => {
  if (said.status === 0) return;
  if (/No space left on device|Disk quota exceeded/.test(said.stderr)) throw await storeFull(store);
  throw otherwise(complaint(said));
};
