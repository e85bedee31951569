import type {Change, Step} from '../../model/change.ts';
import type {SettingId} from '../../model/setting.ts';
import {kindOf} from '../../resources/kinds.ts';
import {splitId} from '../../resources/lookup.ts';

/** How long a run may take, in seconds. */
export type RunTimes = {
  /** How long the run waits for its confirmation once all is done and the links have settled. */
  confirm: number;
  /** Most time for one step: before each the deadline is put off by this much. */
  step: number;
  /** Most time for the links to come back after the last step. */
  settle: number;
  /** Most time for all steps together: the deadline is never put off beyond it. */
  most: number;
};

/**
 * One guarded run on one host: `changes` are carried out in their order and undone unless confirmed in time; `lasting`
 * (the boot layer) is written by the host itself once they are confirmed. With no `changes` nothing waits for a
 * confirmation: files alone do not cut anybody off.
 */
export type RunSpec = {
  /** Letters, digits and dashes; it names the run's folder, and sorts by time: `20261120T092600Z-3f9a1c`. */
  id: string;
  host: string;
  /** Who asked for it, as `root@controller`. */
  by: string;
  /** When, as an ISO 8601 time: the controller's clock. */
  at: string;
  /** Of the plan that it carries out. */
  digest: string;
  changes: readonly Change[];
  lasting: readonly Change[];
  times: RunTimes;
  /**
   * Another run of the same apply follows, which makes these settings last: until it is over nothing of linerate's own sets
   * held values, and should it never come, the next plan knows that they are in no file.
   */
  more?: readonly SettingId[];
  /** The apply that this run takes back; `last` when nothing of it is left to take back after it. */
  rollback?: {apply: string; last: boolean};
};

/** The run's name as a word of a path. @throws TypeError where it is not one: it may come from a command line */
export const runWord = (id: string): string => {
  if (!/^[0-9A-Za-z][0-9A-Za-z-]{0,99}$/.test(id)) throw new TypeError(`"${id}" cannot name a run`);
  return id;
};

export const DEFAULT_TIMES: RunTimes = {confirm: 60, step: 300, settle: 30, most: 1800};

/** Changes as the run numbers them: those under the guard first, then the lasting ones. */
export const numberedChanges = (run: RunSpec): readonly Change[] => [...run.changes, ...run.lasting];

type FileStep = Step & {do: 'put' | 'remove' | 'return'};

const isDisk = (step: Step): step is FileStep => step.do === 'put' || step.do === 'remove' || step.do === 'return';

/** The files that a change puts, returns or removes. */
export const filesOf = ({steps}: Change): readonly string[] =>
  steps.flatMap((step) => (isDisk(step) ? [step.path] : []));

/** Whether a change is to be undone also after a reboot. */
export const writesDisk = ({id, steps}: Change): boolean =>
  kindOf(splitId(id).kind)?.onDisk === true || steps.some((step) => isDisk(step) || step.do === 'packages');

/** The programs that change packages in this run. */
export const packagePrograms = (run: RunSpec): ReadonlySet<'apt' | 'dnf'> =>
  new Set(
    numberedChanges(run).flatMap(({steps}) => steps.flatMap((step) => (step.do === 'packages' ? [step.program] : []))),
  );

/** The NICs whose links the guarded changes may flap, or wait for. */
export const touchedNics = (run: RunSpec): readonly string[] => [
  ...new Set(
    run.changes.flatMap(({nic, steps}) => [
      ...(nic === undefined ? [] : [nic]),
      ...steps.flatMap((step) => (step.do === 'settle' ? [step.nic] : [])),
    ]),
  ),
];

/** Every file that the run touches, each once: its place here names its copy in the journal. */
export const keptFiles = (run: RunSpec): readonly string[] => [
  ...new Set(numberedChanges(run).flatMap((change) => filesOf(change))),
];

/** The order of undoing as numbers of changes: the last one first. */
export const undoNumbers = (run: RunSpec): {live: readonly number[]; lasting: readonly number[]} => {
  const guarded = run.changes.length;
  return {
    live: run.changes.map((_, place) => guarded - 1 - place),
    lasting: run.lasting.map((_, place) => guarded + run.lasting.length - 1 - place),
  };
};
