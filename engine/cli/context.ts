import type {Output} from './output.ts';

/** What every command gets beside its own options. */
export type Context = {
  output: Output;
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP. */
  signal: AbortSignal;
  /** The command sets the exit code of the run here; it is 0 otherwise. */
  exit: (code: number) => void;
};
