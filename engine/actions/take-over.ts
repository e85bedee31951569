import type {RunOutcome} from '../effects/apply/outcome.ts';
import type {Facts} from '../facts/facts.ts';
import type {Change} from '../model/change.ts';
import type {Block, Plan} from '../model/setting.ts';
import type {FileTemplates} from '../plan/lasting/lasting-file.ts';
import {takeOverChanges} from '../plan/lasting/take-over-changes.ts';

type State = {facts: Facts; plan: Plan};
type Stopped = Exclude<RunOutcome, {outcome: 'confirmed'}>;
type Part = {
  changes: readonly Change[];
  lasting: readonly Change[];
  blocks: readonly Block[];
  notes: readonly string[];
};

type Ways<Progress extends object> = {
  carry: (part: Part) => Promise<Progress | Stopped>;
  readAnew: () => Promise<State>;
};

/** The host as it is once it was taken over: `progress` is absent where nothing of it was to be stopped. */
export type TakenOver<Progress> = {state: State; progress?: Progress} | {run: Stopped};

/** Stops what would fight for the settings of a plan, in a guarded run of its own, and reads the host again after it. */
export const takeOver = async <Progress extends object>(
  first: State,
  templates: FileTemplates,
  ways: Ways<Progress>,
): Promise<TakenOver<Progress>> => {
  const {changes, lasting} = takeOverChanges(first.facts, first.plan, templates);
  if (changes.length === 0) return {state: first};
  const notes = ['TuneD is stopped and disabled, and the host was read anew: stopping it puts earlier values back'];
  const done = await ways.carry({changes, lasting, blocks: [], notes});
  return 'outcome' in done ? {run: done} : {state: await ways.readAnew(), progress: done};
};
