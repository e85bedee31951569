import {availableParallelism} from 'node:os';
import pLimit from 'p-limit';
import type {Stored} from '../effects/store/store.ts';
import {Fault, Faults} from '../model/fault.ts';
import {sourcesOf} from '../stages/graph.ts';
import type {PlannedStage} from '../stages/planned.ts';
import type {Stage} from '../stages/stage.ts';
import {runStage} from './build-stage.ts';
import type {BuildOptions, BuiltStage} from './build-types.ts';

/** What is known before the first stage is made. */
export type BuildState = {
  options: BuildOptions;
  found: ReadonlyMap<string, Stored>;
  toMake: ReadonlySet<string>;
  /** By the names of those that are to be made. */
  why: ReadonlyMap<string, readonly string[]>;
};

const neededBy = ({inputs}: Stage): readonly string[] =>
  Object.values(inputs).flatMap((input) => ('stage' in input ? [input.stage] : []));

const fetchSources = async (stages: readonly Stage[], options: BuildOptions): Promise<ReadonlyMap<string, string>> => {
  const folders = new Map<string, string>();
  for (const source of sourcesOf(stages)) {
    const locked = options.sources.locked[source];
    if (!locked) continue;
    options.signal.throwIfAborted();
    options.onEvent?.({event: 'source', source});
    folders.set(source, await options.sources.fetch(source, locked));
  }
  return folders;
};

type Folders = {outputs: ReadonlyMap<string, Stored>; sources: ReadonlyMap<string, string>};

const inputFolders = ({inputs}: Stage, {outputs, sources}: Folders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [
      name,
      ('stage' in input ? outputs.get(input.stage)?.folder : sources.get(input.source)) ?? '',
    ]),
  );

/** Makes one stage, the folders of whose inputs are there. */
const make = async ({stage, id, record}: PlannedStage, folders: Folders, options: BuildOptions): Promise<Stored> => {
  const {store, onEvent, signal} = options;
  const {name} = stage;
  const run = {
    stage,
    builder: options.builder(stage.builder),
    inputs: inputFolders(stage, folders),
    processors: options.processors ?? availableParallelism(),
    debug: options.debug ?? false,
    signal,
    onLine: (line: string): void => onEvent?.({event: 'line', stage: name, line}),
  };
  return store.make(
    id,
    record,
    async (draft) => {
      onEvent?.({event: 'started', stage: name});
      await runStage(run, store, draft);
    },
    {signal, onWait: () => onEvent?.({event: 'waiting', stage: name})},
  );
};

const faultsOf = (error: unknown): readonly Fault[] => {
  if (error instanceof Fault) return [error];
  if (error instanceof Faults) return error.errors;
  throw error;
};

/** Stages one after the other as far as they need each other, so many at once as are allowed. */
const stageMaker = ({options, found, toMake, why}: BuildState, sources: ReadonlyMap<string, string>) => {
  const outputs = new Map(found);
  const limit = pLimit(options.parallel ?? 1);
  const running = new Map<string, Promise<BuiltStage>>();
  let failed = false;

  const attempt = async (
    planned: PlannedStage,
    known: Pick<BuiltStage, 'name' | 'id' | 'why'>,
  ): Promise<BuiltStage> => {
    const {name} = known;
    const needs = neededBy(planned.stage).find((input) => !outputs.has(input));
    if (needs !== undefined || (failed && options.keepGoing !== true)) {
      options.onEvent?.({event: 'skipped', stage: name, ...(needs === undefined ? {} : {needs})});
      return {...known, state: 'skipped'};
    }
    try {
      const stored = await make(planned, {outputs, sources}, options);
      outputs.set(name, stored);
      options.onEvent?.({event: 'built', stage: name, stored});
      return {...known, state: 'built', stored};
    } catch (error) {
      options.signal.throwIfAborted();
      failed = true;
      const faults = faultsOf(error);
      options.onEvent?.({event: 'failed', stage: name, faults});
      return {...known, state: 'failed', faults};
    }
  };

  const become = async (planned: PlannedStage): Promise<BuiltStage> => {
    const {id, stage} = planned;
    const known = {name: stage.name, id, why: why.get(stage.name) ?? []};
    const stored = found.get(stage.name);
    if (stored) return {...known, state: 'found', stored};
    if (!toMake.has(stage.name)) return {...known, state: 'unneeded'};
    // Those come earlier in the order of the build; what became of one that failed is told by itself.
    for (const input of neededBy(stage)) await running.get(input)?.catch(() => undefined);
    return limit(async () => attempt(planned, known));
  };

  return async (planned: PlannedStage): Promise<BuiltStage> => {
    const result = become(planned);
    running.set(planned.stage.name, result);
    return result;
  };
};

/**
 * Makes what is to be made, and says what became of each stage; it settles when nothing of it goes on any more.
 * @throws what fetching a source throws; the signal's reason
 */
export const makeStages = async (
  planned: readonly PlannedStage[],
  state: BuildState,
): Promise<readonly BuiltStage[]> => {
  const needed = planned.flatMap(({stage}) => (state.toMake.has(stage.name) ? [stage] : []));
  const become = stageMaker(state, await fetchSources(needed, state.options));
  const settled = await Promise.allSettled(planned.map(async (one) => become(one)));
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
};
