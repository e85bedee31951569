import type {Digest, StageRecord} from '../../stages/stage.ts';

/** An output that is there, whole. */
export type Stored = {
  id: Digest;
  /** Its folder; never written to. */
  folder: string;
  /** What made it. */
  record: StageRecord;
  /** The log of its making. */
  log: string;
  /** How long that took, in milliseconds. */
  tookMs: number;
};

/** Where one is made before it counts. */
export type Draft = {out: string; scratch: string; files: string; log: string};

/**
 * Outputs of stages by their ids, and sources by their digests, below one folder: `$XDG_CACHE_HOME/linerate/store` or
 * `--store`. Whatever is there is whole: it is made aside and renamed. Programs of many users and times share it: what two
 * want to make at once, one makes and the other waits for.
 */
export type Store = {
  folder: string;
  /** An output that is there; looking at it keeps it from `collect`. */
  find(id: Digest): Promise<Stored | undefined>;
  /**
   * Makes an output, unless another has made it meanwhile.
   * @throws what `work` throws; then nothing of the draft is left but its log
   * @throws Fault `store-full`, `store-unwritable`
   */
  make(id: Digest, record: StageRecord, work: (draft: Draft) => Promise<void>): Promise<Stored>;
  /** The newest record of a stage of this name, for `whyAnew`. */
  lastOf(name: string): Promise<StageRecord | undefined>;
  /** The file of a source; undefined when it is not there or no longer what it was. */
  source(digest: Digest): Promise<string | undefined>;
  /** Takes a whole file in, by renaming it where it can. @throws Fault `wrong-digest`: the file stays where it is */
  addSource(digest: Digest, file: string): Promise<string>;
  /** Removes what nobody has looked at for so many days, and drafts whose makers are gone; says how many bytes that freed. */
  collect(unusedDays: number): Promise<{removed: number; bytes: number}>;
};
