import {printableLine} from '../../model/printable.ts';
import type {RunEvent, RunState} from '../../plan/run/answer.ts';
import {type Mismatch, refusal, type RunOutcome} from './outcome.ts';

/** How a trial boot ended. */
export type TrialOutcome =
  /**
   * The host runs it, and `run`, whose journal is its own, made it last or tells why not: then the next boot is the
   * earlier one again.
   */
  | {outcome: 'kept'; journal: string; run: RunOutcome; notes: readonly string[]}
  /** The host is back on its earlier boot, and nothing is left of the trial but what `notes` name. */
  | {
      outcome: 'fell-back';
      reason: string;
      journal: string;
      mismatches: readonly Mismatch[];
      notes: readonly string[];
    }
  /** The caller's signal asked for an end: the host goes back by itself. */
  | {outcome: 'interrupted'; reason: string}
  /** The host has not been reached again in all the time that it may take to go back by itself. */
  | {outcome: 'lost'; reason: string}
  /** Nothing was begun. */
  | {outcome: 'refused'; code: string; reason: string; hint: string};

type FellBack = Extract<TrialOutcome, {outcome: 'fell-back'}>;

const REFUSALS: Readonly<Record<string, (text: string) => {reason: string; hint: string}>> = {
  'no-systemd': () => ({
    reason: 'this host does not run systemd, which would bring the earlier boot back',
    hint: '--allow-irreversible writes kernel arguments untried',
  }),
  'trial-armed': (text) => ({
    reason: `another trial boot is not over: ${text} is still there`,
    hint: 'it ends with the next reboot; `linerate history` shows who started it',
  }),
  'unknown-run': () => ({
    reason: 'the connection was cut before the host had what is to be tried',
    hint: 'nothing was changed: try again',
  }),
  'cannot-try': (text) => ({
    reason: text,
    hint: '--allow-irreversible writes kernel arguments untried',
  }),
};

/** Why the host did not even begin. */
export const trialRefusal = (code: string, text: string): TrialOutcome => {
  const known = REFUSALS[code]?.(printableLine(text));
  if (known) return {outcome: 'refused', code, ...known};
  return refusal(code, text);
};

const notesOf = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) => (event.event === 'note' ? [printableLine(event.text)] : []));

type Told = {state: RunState; journal: string; events: readonly RunEvent[]};

/** A trial that came to nothing, in the host's own words. */
export const fellBack = (told: Told, mismatches: readonly Mismatch[]): FellBack => {
  const failed = told.events.find((event) => event.event === 'failed');
  const undo = told.events.findLast((event) => event.event === 'undo');
  const reason = printableLine(failed?.text ?? undo?.text ?? 'the host is back on its earlier boot');
  return {outcome: 'fell-back', reason, journal: told.journal, mismatches, notes: notesOf(told.events)};
};

export const kept = (told: Told, run: RunOutcome): TrialOutcome => ({
  outcome: 'kept',
  journal: told.journal,
  run,
  notes: notesOf(told.events),
});
