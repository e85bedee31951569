import {canonical} from '../model/canonical.ts';
import type {LockedSource} from './sources/lock.ts';
import {stageId} from './stage-id.ts';
import {recordOf, type Digest, type Hash, type Stage, type StageRecord} from './stage.ts';

/** A stage with all that is known of it before anything is made. */
export type PlannedStage = {stage: Stage; id: Digest; record: StageRecord};

/** What a source is known by: its files' names and digests, wherever they came from. */
export const sourceDigest = ({files}: Pick<LockedSource, 'files'>, hash: Hash): Digest =>
  hash(canonical(files.map(({name, sha256}) => ({name, sha256}))));

/** What is known outside of the stages themselves. */
export type Known = {
  /** By the sources' names. */
  sources: Readonly<Record<string, Digest>>;
  /** By the builders' names. */
  builders: Readonly<Record<string, {identity: string; versions: Readonly<Record<string, string>>}>>;
};

const chosen = (
  versions: Readonly<Record<string, string>>,
  tools: readonly string[],
): Readonly<Record<string, string>> => Object.fromEntries(tools.map((tool) => [tool, versions[tool] ?? '']));

/** The ids of stages that are in the order in which they are built. */
export const planStages = (ordered: readonly Stage[], known: Known, hash: Hash): readonly PlannedStage[] => {
  const ids = new Map<string, Digest>();
  return ordered.map((stage) => {
    const inputs = Object.fromEntries(
      Object.entries(stage.inputs).map(([name, input]) => [
        name,
        ('stage' in input ? ids.get(input.stage) : known.sources[input.source]) ?? '',
      ]),
    );
    const builder = known.builders[stage.builder];
    const made = {inputs, tools: chosen(builder?.versions ?? {}, stage.tools), builder: builder?.identity ?? ''};
    const record = recordOf(stage, made, hash);
    const id = stageId(record, hash);
    ids.set(stage.name, id);
    return {stage, id, record};
  });
};
