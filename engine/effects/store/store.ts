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

export type MakeOptions = {
  /** Ends the wait for another that makes the same; what `work` does is its own affair. */
  signal?: AbortSignal;
  /** Another makes the same just now, and is waited for. */
  onWait?: () => void;
};

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
   * @throws what `work` throws; then nothing of the draft is left but its log, which lies at `logOf` then
   * @throws Fault `store-full`, `store-unwritable`
   */
  make(id: Digest, record: StageRecord, work: (draft: Draft) => Promise<void>, options?: MakeOptions): Promise<Stored>;
  /** Where the log of the last failure of a stage of this name is kept. */
  logOf(name: string): string;
  /** The newest record of a stage of this name, for `whyAnew`. */
  lastOf(name: string): Promise<StageRecord | undefined>;
  /** The file of a source; undefined when it is not there or no longer what it was. */
  source(digest: Digest): Promise<string | undefined>;
  /** Takes a whole file in, by renaming it where it can. @throws Fault `wrong-digest`: the file stays where it is */
  addSource(digest: Digest, file: string): Promise<string>;
  /** A folder for what does not count, such as a proof; it goes with us, or with the next build where we were killed. */
  aside(kind: string): Promise<{folder: string; remove: () => Promise<void>}>;
  /** Removes what builds left that were killed, and keeps `collect` out until the function that comes back is called, which also waits until all is on the disk. */
  hold(signal?: AbortSignal): Promise<() => Promise<void>>;
  /** All outputs, by the names of their stages; `usedMs` is when somebody looked for one last, since 1970. */
  list(): Promise<readonly (Stored & {usedMs: number; bytes: number})[]>;
  /**
   * Removes what nobody has looked at for so many days, and drafts whose makers are gone; says how many bytes that freed.
   * @throws Fault `store-busy` while a build goes on
   */
  collect(unusedDays: number): Promise<{removed: number; bytes: number}>;
};
