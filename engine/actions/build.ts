import type {Store, Stored} from '../effects/store/store.ts';
import {Fault, Faults} from '../model/fault.ts';
import type {PlannedStage} from '../stages/planned.ts';
import type {Stage} from '../stages/stage.ts';
import {whyAnew} from '../stages/why.ts';
import {planBuild} from './build-plan.ts';
import {makeStages, type BuildState} from './build-run.ts';
import type {BuildOptions, BuildReport} from './build-types.ts';

/** What is there, and what has to be made for the targets: what only made things that are there is not looked for. */
const lookFor = async (
  planned: readonly PlannedStage[],
  targets: ReadonlySet<string>,
  store: Store,
): Promise<Pick<BuildState, 'found' | 'toMake'>> => {
  const found = new Map<string, Stored>();
  const needed = new Set(targets);
  const toMake = new Set<string>();
  for (const {stage, id} of [...planned].reverse()) {
    const stored = needed.has(stage.name) ? await store.find(id) : undefined;
    if (stored) found.set(stage.name, stored);
    else if (needed.has(stage.name)) {
      toMake.add(stage.name);
      for (const input of Object.values(stage.inputs)) if ('stage' in input) needed.add(input.stage);
    }
  }
  return {found, toMake};
};

const reasons = async (
  planned: readonly PlannedStage[],
  {found, toMake}: Pick<BuildState, 'found' | 'toMake'>,
  {store, onEvent}: BuildOptions,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const why = new Map<string, readonly string[]>();
  for (const {stage, id, record} of planned) {
    if (!toMake.has(stage.name) && !found.has(stage.name)) continue;
    if (toMake.has(stage.name)) why.set(stage.name, whyAnew(await store.lastOf(stage.name), record));
    onEvent?.({
      event: 'planned',
      stage: stage.name,
      id,
      found: found.has(stage.name),
      why: why.get(stage.name) ?? [],
    });
  }
  return why;
};

/**
 * Makes what is not there yet of the targets, each stage after those that it is made from. What stages fail at is told by the
 * report; `outputOf` turns it into what is thrown.
 * @throws Fault or Faults before anything is made: `missing-tool`, `source-unlocked`, `stage-graph`, `store-unwritable`, what
 *   fetching a source throws; the signal's reason
 */
export const buildStages = async (stages: readonly Stage[], options: BuildOptions): Promise<BuildReport> => {
  const planned = await planBuild(stages, options);
  const targets = new Set(options.targets ?? stages.map(({name}) => name));
  // Before the look, so that nothing is collected between that and the build.
  const {release, error} = await options.store.hold(options.signal).then(
    (free) => ({release: free, error: undefined}),
    (refusal: unknown) => ({release: undefined, error: refusal}),
  );
  try {
    const seen = await lookFor(planned, targets, options.store);
    // A store that cannot be written to does for what is there already.
    if (release === undefined && seen.toMake.size > 0) throw error;
    const why = await reasons(planned, seen, options);
    return {planned, stages: await makeStages(planned, {options, ...seen, why})};
  } finally {
    await release?.();
  }
};

/**
 * A stage's output.
 * @throws Fault or Faults that it failed with, or those that kept it from being made
 */
export const outputOf = ({stages}: BuildReport, name: string): Stored => {
  const stage = stages.find((one) => one.name === name);
  if (stage?.state === 'found' || stage?.state === 'built') return stage.stored;
  const faults = stages.flatMap((one) => (one.state === 'failed' ? one.faults : []));
  if (faults.length > 0) throw new Faults(faults);
  throw new Fault({code: 'stage-graph', owner: 'tool', message: `the stage "${name}" was not made`});
};
