import type {SettingId} from '../../model/setting.ts';
import {printableLine} from '../../model/printable.ts';
import type {RunEvent, RunState} from '../../plan/run/answer.ts';
import {numberedChanges, type RunSpec} from '../../plan/run/spec.ts';

/** A setting that does not hold what was written: another value, or none. */
export type Mismatch = {id: SettingId; want: string; found: string};

/** What became of one change, in the host's own words. */
export type Told = {id: SettingId; text: string};

/** How a guarded run ended. Anything but `confirmed` left the host as it was, unless `notUndone` names something. */
export type RunOutcome =
  /** `unpersisted`: why the boot layer was not written; it is as it was, and the next run completes it. */
  | {outcome: 'confirmed'; journal: string; limits: readonly Told[]; notes: readonly string[]; unpersisted?: string}
  | {
      outcome: 'rolled-back';
      reason: string;
      journal: string;
      failed?: Told;
      mismatches: readonly Mismatch[];
      notUndone: readonly Told[];
    }
  /** Undone at once, because the caller's signal asked for it. */
  | {outcome: 'interrupted'; journal: string; notUndone: readonly Told[]}
  /** The host could not be reached again in all the time that its guard may take. */
  | {outcome: 'lost'; reason: string}
  /** Nothing was begun: `locked` (another run goes on), `recovered` (an earlier run had to be undone first: plan anew), … */
  | {outcome: 'refused'; code: string; reason: string; hint: string};

const told = (run: RunSpec, change: number | undefined, text: string): Told => ({
  id: change === undefined ? 'the run' : (numberedChanges(run)[change]?.id ?? `change ${String(change)}`),
  text: printableLine(text),
});

const failureOf = (run: RunSpec, events: readonly RunEvent[]): Told | undefined => {
  const failed = events.find((event) => event.event === 'failed');
  return failed && told(run, failed.change, failed.text);
};

const notUndone = (run: RunSpec, events: readonly RunEvent[]): readonly Told[] =>
  events.flatMap((event) => (event.event === 'undo-failed' ? [told(run, event.change, event.text)] : []));

const confirmed = (run: RunSpec, state: RunState, journal: string, events: readonly RunEvent[]): RunOutcome => {
  const persistFailed = events.find((event) => event.event === 'persist-failed');
  const {id, text} = told(run, persistFailed?.change, persistFailed?.text ?? 'no reason was given');
  return {
    outcome: 'confirmed',
    journal,
    limits: events.flatMap((event) => (event.event === 'limit' ? [told(run, event.change, event.text)] : [])),
    notes: events.flatMap((event) => (event.event === 'note' ? [printableLine(event.text)] : [])),
    ...(state === 'unpersisted' && {unpersisted: `${id}: ${text}`}),
  };
};

export type Ended = {
  state: RunState;
  journal: string;
  events: readonly RunEvent[];
  mismatches: readonly Mismatch[];
  interrupted: boolean;
};

/** What a run that is over came to, from its state and its log. */
export const outcomeOf = (run: RunSpec, ended: Ended): RunOutcome => {
  const {state, journal, events, mismatches} = ended;
  if (state === 'confirmed' || state === 'unpersisted') return confirmed(run, state, journal, events);
  const left = notUndone(run, events);
  if (ended.interrupted) return {outcome: 'interrupted', journal, notUndone: left};
  const failed = failureOf(run, events);
  const undo = events.find((event) => event.event === 'undo');
  const reason = failed ? `${failed.id}: ${failed.text}` : printableLine(undo?.text ?? 'it was undone');
  return {outcome: 'rolled-back', reason, journal, ...(failed && {failed}), mismatches, notUndone: left};
};

const REFUSALS: Readonly<Record<string, (text: string) => {reason: string; hint: string}>> = {
  locked: (text) => ({
    reason: `another run goes on there: ${text}`,
    hint: 'wait until it is over; `linerate history` shows who started it',
  }),
  recovered: (text) => ({
    reason: `an earlier run had been cut off and was undone first: ${text}`,
    hint: 'the plan was made before that: run again',
  }),
  'no-room': (text) => ({
    reason: `${text} cannot be written`,
    hint: 'linerate needs to be root there (-b), and some room in /run',
  }),
  'no-guard': (text) => ({
    reason: `the guard could not be started: ${text}`,
    hint: 'without a guard nothing is changed',
  }),
};

/** Why the host did not even begin. */
export const refusal = (code: string, text: string): Extract<RunOutcome, {outcome: 'refused'}> => {
  const known = REFUSALS[code]?.(printableLine(text));
  return {
    outcome: 'refused',
    code,
    ...(known ?? {reason: printableLine(`${code} ${text}`), hint: 'nothing was changed'}),
  };
};
