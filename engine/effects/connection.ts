import type {Pacing} from './connections/pacing.ts';

export type {Become, Target} from '../model/target.ts';

/** What one script on a host came to. */
export type Answer = {
  /** Bytes as UTF-8 text, invalid sequences replaced. */
  stdout: string;
  stderr: string;
  status: number;
};

export type RunOptions = {
  /** Aborting ends the run and the connection with it. */
  signal?: AbortSignal;
  /** Wall-clock limit of the run in milliseconds. */
  timeoutMs?: number;
  /** Most bytes of stdout to accept: beyond it the connection is ended with a `Fault` (`output-too-large`). */
  maxBytes?: number;
  /**
   * What the script finds on its standard input, to its end. Such a run is the connection's last: its shell ends with it, so
   * that what a script leaves unread is never taken for the next one.
   */
  input?: AsyncIterable<Uint8Array>;
};

/**
 * A POSIX shell on a host, over one process and one connection, for as many scripts as are wanted one after the other.
 * Every failure is a `Fault` that names the host; the connection is unusable after one.
 */
export type Connection = {
  /** Runs a script, with nothing on its standard input unless `input` is given; resolves with its answer, whatever its status. */
  run(script: string, options?: RunOptions): Promise<Answer>;
  /** The root directory that probes shall read: empty but for a root-directory connection. */
  readonly root: string;
  close(): Promise<void>;
};

export type ConnectOptions = {
  /** Aborting ends whatever runs, with a `Fault` (`interrupted`). */
  signal?: AbortSignal | undefined;
  /** Called once, when the host has let us in and its shell answers. */
  onReady?: (() => void) | undefined;
  /** Where this connection queues before it logs in: shared by all of a run's. */
  pacing?: Pacing | undefined;
};
