import {availableParallelism} from 'node:os';
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

/** Makes a stage whose inputs were tried, and says what became of it. */
const stageMaker = ({options, found, toMake, why}: BuildState, sources: ReadonlyMap<string, string>) => {
  const outputs = new Map(found);
  let failed = false;
  return async (planned: PlannedStage): Promise<BuiltStage> => {
    const {id, stage} = planned;
    const {name} = stage;
    const known = {name, id, why: why.get(name) ?? []};
    const there = found.get(name);
    if (there) return {...known, state: 'found', stored: there};
    if (!toMake.has(name)) return {...known, state: 'unneeded'};
    const needs = neededBy(stage).find((input) => !outputs.has(input));
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
};

/**
 * Takes stages up in the order of the build, as soon as what they need was tried and so many at once as are allowed; settles
 * when nothing of it goes on any more.
 */
const inTurn = async (
  planned: readonly PlannedStage[],
  parallel: number,
  become: (planned: PlannedStage) => Promise<BuiltStage>,
): Promise<readonly BuiltStage[]> => {
  const waiting = [...planned];
  const running = new Map<string, Promise<void>>();
  const results = new Map<string, BuiltStage>();
  const errors: unknown[] = [];
  const isReady = ({stage}: PlannedStage): boolean => neededBy(stage).every((input) => results.has(input));
  const start = (next: PlannedStage): void => {
    const {name} = next.stage;
    const work = become(next).then(
      (result) => void results.set(name, result),
      (error: unknown) => void errors.push(error),
    );
    running.set(
      name,
      work.then(() => void running.delete(name)),
    );
  };
  while (running.size > 0 || (waiting.length > 0 && errors.length === 0)) {
    const next = running.size < parallel && errors.length === 0 ? waiting.findIndex((one) => isReady(one)) : -1;
    if (next === -1) await Promise.race(running.values());
    else for (const one of waiting.splice(next, 1)) start(one);
  }
  if (errors.length > 0) throw errors[0];
  return planned.flatMap(({stage}) => results.get(stage.name) ?? []);
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
  const sources = await fetchSources(needed, state.options);
  return inTurn(planned, state.options.parallel ?? 1, stageMaker(state, sources));
};
