import type {FileTemplates} from '../plan/lasting/lasting-file.ts';
import {takeOverChanges} from '../plan/lasting/take-over-changes.ts';
import type {Part, Progress, State, StoppedRun} from './apply-host.ts';

/** The host as it is once it was taken over: `progress` is absent where nothing of it was to be stopped. */
export type TakenOver = {state: State; progress?: Progress} | {run: StoppedRun};

type Ways = {
  carry: (part: Part) => Promise<Progress | StoppedRun>;
  readAnew: () => Promise<State>;
};

/** Stops what would fight for the settings of a plan, in a guarded run of its own, and reads the host again after it. */
export const takeOver = async (first: State, templates: FileTemplates, ways: Ways): Promise<TakenOver> => {
  const {changes, lasting} = takeOverChanges(first.facts, first.plan, templates);
  if (changes.length === 0) return {state: first};
  const notes = ['TuneD is stopped and disabled, and the host was read anew: stopping it puts earlier values back'];
  const done = await ways.carry({changes, lasting, blocks: [], notes});
  return 'outcome' in done ? {run: done} : {state: await ways.readAnew(), progress: done};
};
