import {Fault} from '../../model/fault.ts';
import type {Journal} from '../run/history.ts';

/** One apply on one host: its runs, the first one first. */
export type Apply = {id: string; runs: readonly Journal[]};

/** `20261120T092600Z-3f9a1c` of the run `20261120T092600Z-3f9a1c-2`. */
export const applyOf = (run: string): string => /^(\d{8}T\d{6}Z-[^-]+)-\d+$/.exec(run)?.[1] ?? run;

/** Whether a run's live changes stand; of an `unpersisted` one the files do not. */
export const isConfirmed = ({state}: Journal): boolean => state === 'confirmed' || state === 'unpersisted';

/** The applies among journals in time's order, rollbacks too. */
export const appliesOf = (journals: readonly Journal[]): readonly Apply[] =>
  [...Map.groupBy(journals, ({id}) => applyOf(id))].map(([id, runs]) => ({id, runs}));

/** The rollback that took an apply back whole, if one did. */
export const rolledBackBy = (journals: readonly Journal[], apply: string): string | undefined => {
  const run = journals.findLast(
    ({state, rollback}) => state === 'confirmed' && rollback?.apply === apply && rollback.last,
  );
  return run && applyOf(run.id);
};

/** Whether a rollback of it has already reset NICs, and was then cut off: queues hold what the reset left. */
export const isBegun = (journals: readonly Journal[], apply: string): boolean =>
  journals.some(({state, rollback}) => state === 'confirmed' && rollback?.apply === apply && !rollback.last);

const unknown = (wanted: string): Fault =>
  new Fault({
    code: 'unknown-run',
    owner: 'user',
    message: `the host keeps no run ${wanted}`,
    hint: '`linerate history` lists those that it keeps',
  });

/**
 * The apply that `wanted` names, by its own id or one of its runs'; without a name the last confirmed one that is no
 * rollback itself. Undefined where there is nothing of it to take back: nothing was confirmed.
 * @throws Fault `unknown-run`
 */
export const chosenApply = (journals: readonly Journal[], wanted: string | undefined): Apply | undefined => {
  const applies = appliesOf(journals);
  const stands = ({runs}: Apply): boolean => runs.some(isConfirmed);
  if (wanted === undefined)
    return applies.findLast((apply) => stands(apply) && apply.runs.every(({rollback}) => rollback === undefined));
  const found = applies.find(({id, runs}) => id === wanted || runs.some((run) => run.id === wanted));
  if (!found) throw unknown(wanted);
  return stands(found) ? found : undefined;
};
