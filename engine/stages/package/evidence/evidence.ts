import type {LockedSource} from '../../sources/lock.ts';
import type {Digest, StageRecord} from '../../stage.ts';

/** Makes SHA-1 digests, in hexadecimal digits: what a version 5 UUID is made of (RFC 9562, 5.5). */
export type Sha1 = (bytes: Uint8Array) => string;

/** A file that a build made. */
export type EvidenceArtifact = {name: string; sha256: Digest; size: number};

/** A text of the folder that was built: a patch, a part of the configuration. */
export type EvidenceText = {path: string; sha256: Digest};

/** The texts that stages were given, by the stages' names and their own. */
export const textsOf = (records: readonly StageRecord[]): readonly EvidenceText[] =>
  records.flatMap(({name, files}) =>
    Object.entries(files).map(([path, sha256]) => ({path: `${name}/${path}`, sha256})),
  );

/** All that is known of a build, of which its bills of materials and its provenance are made. */
export type Evidence = {
  /** `kernels/lab-6.1`. */
  build: string;
  summary: string;
  /** An SPDX expression. */
  licence: string;
  artifacts: readonly EvidenceArtifact[];
  /** As they were pinned, by their names. */
  sources: Readonly<Record<string, LockedSource>>;
  texts: readonly EvidenceText[];
  /** The stages that it went through, in their order. */
  stages: readonly {id: Digest; record: StageRecord}[];
  /** Of linerate. */
  version: string;
  /** Seconds since 1970; never the build's own time. */
  epoch: number;
  sha1: Sha1;
};

/** `2025-01-01T00:00:00Z`, as all three formats write it. */
export const timeText = ({epoch}: Pick<Evidence, 'epoch'>): string =>
  new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');

/** What makes one build's documents differ from another's: what came out. */
export const evidenceName = ({build, artifacts}: Evidence): string =>
  [build, ...artifacts.map(({name, sha256}) => `${name}=${sha256}`)].join('\n');
