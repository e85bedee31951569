import type {RunOutcome} from '../effects/apply/outcome.ts';
import {tryBoot, type TrialEvent, type TrialOutcome} from '../effects/apply/trial.ts';
import type {Block, Plan} from '../model/setting.ts';
import {DEFAULT_TIMES, type RunSpec} from '../plan/run/spec.ts';
import {trialOf} from '../plan/trial/trial-of.ts';
import {trialDeadline, type Trial, type TrialSpec} from '../plan/trial/trial.ts';
import type {Live, Progress, StoppedRun} from './carry-phase.ts';
import {digestOfState, readBack, type State} from './host-state.ts';

/** What became of a reboot: how far the apply has come, or why it ended here. */
export type Rebooted = {progress: Progress} | {stopped: StoppedRun};

const eventText = (one: TrialEvent): string | undefined => {
  switch (one.event) {
    case 'rebooting':
      return `reboots; unless it is confirmed within ${String(one.deadline)} s of its start, it goes back by itself`;
    case 'back':
      return one.onTrial ? 'is back, on trial' : 'is back on its earlier boot';
    case 'waiting':
      return one.seconds > 0 && one.seconds % 30 < 2 ? `has been away for ${String(one.seconds)} s` : undefined;
  }
};

const specOf = (live: Live, trial: Trial, state: State, number: number): TrialSpec => ({
  trial,
  id: `${live.id}-${String(number)}`,
  host: live.target.name,
  by: live.by,
  at: live.at,
  digest: digestOfState(state),
  deadline: trialDeadline(live.confirmSeconds),
});

/** What a reboot disturbs, for those who take hosts out of service. */
const asRun = ({id, host, by, at, digest, trial}: TrialSpec): RunSpec => ({
  id,
  host,
  by,
  at,
  digest,
  changes: trial.lasting.map((change) => ({...change, layer: 'live', effect: 'reboot'})),
  lasting: [],
  times: DEFAULT_TIMES,
});

const persisted = (run: RunOutcome): boolean => run.outcome === 'confirmed' && run.unpersisted === undefined;

/** A trial that was not kept, in the words of a run that was not. */
const stoppedBy = (trial: Trial, outcome: Exclude<TrialOutcome, {outcome: 'kept'}>): StoppedRun => {
  switch (outcome.outcome) {
    case 'fell-back':
      return {
        outcome: 'rolled-back',
        reason: `the trial boot with ${trial.tries} was not kept: ${outcome.reason}`,
        journal: outcome.journal,
        mismatches: outcome.mismatches,
        notUndone: outcome.notes.map((text) => ({id: 'boot', text})),
      };
    case 'interrupted':
    case 'lost':
      return {outcome: 'lost', reason: outcome.reason};
    case 'refused':
      return outcome;
  }
};

const wantedOf = (plan: Plan, {carries}: Trial): readonly {id: string; after: string}[] =>
  plan.settings.filter(({id}) => carries.includes(id)).map(({id, want}) => ({id, after: want}));

/** The boot that would try what of this plan waits for it; undefined where nothing does. */
export const bootToTry = (live: Live, {facts, plan}: State): {trial?: Trial; blocks: readonly Block[]} =>
  trialOf(facts, plan, live.templates);

/**
 * Tries the boot that the plan needs, once, and makes it last when the host comes back with it.
 * The open connection does not outlive it.
 */
export const rebootHost = async (live: Live, state: State, trial: Trial, before: Progress): Promise<Rebooted> => {
  const spec = specOf(live, trial, state, before.runs + 1);
  const wanted = wantedOf(state.plan, trial);
  await live.beforeRun?.(asRun(spec));
  const outcome = await tryBoot(live.target, spec, {
    templates: live.templates,
    keepAs: `${live.id}-${String(before.runs + 2)}`,
    verify: async (connection) => readBack(live, connection, wanted, []),
    connection: live.connection,
    pacing: live.pacing,
    signal: live.signal,
    onEvent: (event) => {
      const text = eventText(event);
      if (text !== undefined) live.onNote?.(text);
    },
    ...(live.onEvent ? {onRunEvent: live.onEvent} : {}),
  });
  if (outcome.outcome !== 'kept') return {stopped: stoppedBy(trial, outcome)};
  if (!persisted(outcome.run))
    return {
      stopped:
        outcome.run.outcome === 'confirmed'
          ? {
              outcome: 'lost',
              reason: `it runs with ${trial.tries} now, but that was not made to last: ${outcome.run.unpersisted ?? ''}`,
            }
          : outcome.run,
    };
  const tried = new Set(trial.carries);
  return {
    progress: {
      runs: before.runs + 2,
      changed: before.changed + wanted.length,
      notes: [...before.notes, `booted with ${trial.tries}, and keeps it`, ...outcome.notes],
      blocks: before.blocks.filter(({id}) => !tried.has(id)),
    },
  };
};
