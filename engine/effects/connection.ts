import type {Secret} from '../model/secret.ts';

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
};

/**
 * A POSIX shell on a host, over one process and one connection, for as many scripts as are wanted one after the other.
 * Every failure is a `Fault` that names the host; the connection is unusable after one.
 */
export type Connection = {
  /** Runs a script with nothing on its standard input; resolves with its answer, whatever its status. */
  run(script: string, options?: RunOptions): Promise<Answer>;
  /** The root directory that probes shall read: empty but for a root-directory connection. */
  readonly root: string;
  close(): Promise<void>;
};

/** How to become another user on the host. */
export type Become = {user: string; method: 'sudo'; password?: Secret};

/** All that is needed to reach a host: made from the inventory's variables, the command line and ansible.cfg. */
export type Target =
  | {
      via: 'ssh';
      name: string;
      /** What is handed to OpenSSH: an address or a Host alias of ssh_config. */
      address: string;
      port?: number;
      user?: string;
      identityFile?: string;
      password?: Secret;
      /** Further arguments of ssh, already split into words. */
      arguments: readonly string[];
      connectTimeoutSeconds: number;
      become?: Become;
    }
  | {via: 'local'; name: string; become?: Become}
  | {via: 'root'; name: string; directory: string}
  | {via: 'recording'; name: string; file: string};
