import type {Json} from '../model/canonical.ts';

/** A SHA-256 as 64 hexadecimal digits. */
export type Digest = string;

/** What a stage is made from: another stage's output, or a source that `sources.lock.json` pins. */
export type StageInput = {stage: string} | {source: string};

/**
 * One step of a build: data, so that it prints, and is known by its content. It is run where its builder says, by
 * `/bin/sh -eu`, without a network, and finds
 * - its inputs in the folders `$IN/NAME`, read-only
 * - its own files in `$FILES/NAME`
 * - an empty folder `$OUT` for what it makes, and another, `$WORK`, in which it runs and which is thrown away
 * - `$JOBS`, how many processors it may use
 * - `SOURCE_DATE_EPOCH`, `TZ=UTC`, `LC_ALL=C.UTF-8`, and nothing else of the builder's environment.
 *
 * None of these folders' paths may get into `$OUT`.
 */
export type Stage = {
  /** `kernels/lab-6.1 patch`: what it builds, a blank, the step; once in a graph. */
  name: string;
  inputs: Readonly<Record<string, StageInput>>;
  script: string;
  files?: Readonly<Record<string, string>>;
  environment?: Readonly<Record<string, string>>;
  /** Programs that it runs and whose versions its output depends on; the path of a file (a header) counts by its bytes. */
  tools: readonly string[];
  /** The builder's name: `here`, or one of `builders/`. */
  builder: string;
  /** What is looked at before the output counts as made; see `engine/effects/checks`. */
  checks?: readonly {check: string; options: Json}[];
};

/** All that makes a stage's id, as it is kept beside its output: what changed since is told by comparing two of them. */
export type StageRecord = {
  name: string;
  /** By the inputs' names: the ids of stages, or the digests of sources. */
  inputs: Readonly<Record<string, Digest>>;
  script: Digest;
  files: Readonly<Record<string, Digest>>;
  environment: Readonly<Record<string, string>>;
  /** As they tell it: `gcc` → `gcc (Debian 12.2.0-14+deb12u1) 12.2.0`. */
  tools: Readonly<Record<string, string>>;
  /** What the builder is: its own content, not its name. */
  builder: string;
  checks: Json;
};

/** Makes digests; pure code has no cryptography of its own. */
export type Hash = (text: string) => Digest;

const hashed = (texts: Readonly<Record<string, string>>, hash: Hash): Readonly<Record<string, Digest>> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, hash(text)]));

/** The record of a stage, for what its inputs, tools and builder are. */
export const recordOf = (
  stage: Stage,
  known: {
    inputs: StageRecord['inputs'];
    tools: StageRecord['tools'];
    /** See `StageRecord.builder`. */
    builder: string;
  },
  hash: Hash,
): StageRecord => ({
  name: stage.name,
  inputs: known.inputs,
  script: hash(stage.script),
  files: hashed(stage.files ?? {}, hash),
  environment: stage.environment ?? {},
  tools: known.tools,
  builder: known.builder,
  checks: (stage.checks ?? []).map(({check, options}) => ({check, options})),
});
