import {createHash} from 'node:crypto';
import type {Builder} from '../effects/builders/builder.ts';
import {Fault, Faults} from '../model/fault.ts';
import {inBuildOrder, sourcesOf} from '../stages/graph.ts';
import {planStages, sourceDigest, type Known, type PlannedStage} from '../stages/planned.ts';
import type {Hash, Stage} from '../stages/stage.ts';
import type {BuildOptions} from './build-types.ts';

export const sha256: Hash = (text) => createHash('sha256').update(text).digest('hex');

/** Of a source that `sources.lock.json` lacks. */
export const unlocked = (source: string): Fault =>
  new Fault({
    code: 'source-unlocked',
    owner: 'user',
    message: `the source "${source}" is not pinned in sources.lock.json`,
    hint: `\`linerate lock ${source.split(' ')[0] ?? source}\` pins it`,
  });

const digests = (sources: readonly string[], {locked}: BuildOptions['sources']): Known['sources'] => {
  const missing = sources.filter((source) => locked[source] === undefined);
  if (missing.length > 0) throw new Faults(missing.map((source) => unlocked(source)));
  return Object.fromEntries(sources.map((source) => [source, sourceDigest(locked[source] ?? {files: []}, sha256)]));
};

const faultsOf = (error: unknown): readonly Fault[] => {
  if (error instanceof Fault) return [error];
  if (error instanceof Faults) return error.errors;
  throw error;
};

/** What each builder is, and what its tools say; what several of them lack is told at once. */
const askBuilders = async (
  stages: readonly Stage[],
  builderOf: (name: string) => Builder,
): Promise<Known['builders']> => {
  const faults: Fault[] = [];
  const known: Record<string, Known['builders'][string]> = {};
  for (const name of new Set(stages.map(({builder}) => builder))) {
    const tools = [...new Set(stages.filter(({builder}) => builder === name).flatMap((stage) => stage.tools))].sort();
    try {
      const builder = builderOf(name);
      known[name] = {identity: await builder.identity(), versions: await builder.versionsOf(tools)};
    } catch (error) {
      faults.push(...faultsOf(error));
    }
  }
  const [first] = faults;
  if (first) throw faults.length > 1 ? new Faults(faults) : first;
  return known;
};

/**
 * Stages in the order in which they are built, each with its id.
 * @throws Fault or Faults `missing-tool`, `source-unlocked`, `stage-graph`, `unknown-builder`
 */
export const planBuild = async (
  stages: readonly Stage[],
  {targets, sources, builder}: Pick<BuildOptions, 'targets' | 'sources' | 'builder'>,
): Promise<readonly PlannedStage[]> => {
  const ordered = inBuildOrder(stages, targets ?? stages.map(({name}) => name));
  const known = {sources: digests(sourcesOf(ordered), sources), builders: await askBuilders(ordered, builder)};
  return planStages(ordered, known, sha256);
};
