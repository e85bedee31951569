import {Buffer} from 'node:buffer';
import type {ChildProcessWithoutNullStreams} from 'node:child_process';
import {Fault} from '../../model/fault.ts';
import {sinceLastMark} from './marks.ts';

/** How the program at this end of a connection came to its end. */
export type Ending = {
  /** Exit status; null when a signal ended it or it could not be started. */
  exit: number | null;
  signal: string | null;
  /** Set when it could not be started at all. */
  spawnError?: NodeJS.ErrnoException;
  /** What came last on both streams, after our own marks, as it came: never print it unescaped. */
  stdout: string;
  stderr: string;
};

export type Listener<T> = {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** Asked after each piece: a value ends the listening. */
  done(): T | undefined;
};

/** After `afterMs` milliseconds `fault` is asked what is wrong; undefined: nothing. */
export type Timeout = {afterMs: number; fault: () => Fault | undefined};

export type ListenLimits = {
  host: string;
  /** Turns the end of the program into the fault that the listener's caller sees. */
  ended(ending: Ending): Fault;
  signal?: AbortSignal | undefined;
  timeouts: readonly Timeout[];
};

/** The two-way stream to a shell. After the first fault it is dead. */
export type Channel = {
  write(text: string): void;
  /** Sends all of it, as fast as the other end takes it, and ends the stream; returns early where the program has ended. */
  feed(chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Hands on all that arrives until the listener is done; throws a `Fault` otherwise. */
  listen<T>(listener: Listener<T>, limits: ListenLimits): Promise<T>;
  /** What has come on standard error of late. */
  recent(): string;
  close(): Promise<void>;
};

const RECENT = 32_768;
// A ControlPersist master inherits our stderr and never closes it: an exit is not followed by `close` then.
const DRAIN_MS = 300;
const POLITE_MS = 2000;

/** The last bytes of a stream. A probe comes in a thousand small pieces, so they are put together only when asked for. */
const recentBytes = (): {push(chunk: Buffer): void; text(): string} => {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      for (let [oldest] = chunks; oldest && size - oldest.length >= RECENT; [oldest] = chunks) {
        chunks.shift();
        size -= oldest.length;
      }
    },
    text: () => Buffer.concat(chunks).subarray(-RECENT).toString('utf8'),
  };
};

type Active = {stdout(chunk: Buffer): void; stderr(chunk: Buffer): void; ended(ending: Ending): void};

type State = {child: ChildProcessWithoutNullStreams; active?: Active | undefined; ending?: Ending};

const send = (child: ChildProcessWithoutNullStreams, signal: 'SIGTERM' | 'SIGKILL'): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
};

/** Ends a program and all that it started (it leads its own group): politely, and for good a little later. */
const endGroup = (child: ChildProcessWithoutNullStreams): void => {
  send(child, 'SIGTERM');
  const insist = (): void => {
    if (child.exitCode === null && child.signalCode === null) send(child, 'SIGKILL');
  };
  setTimeout(insist, POLITE_MS).unref();
};

/** The fault of what is broken off by its caller's signal. */
export const interrupted = (host: string): Fault =>
  new Fault({code: 'interrupted', owner: 'user', host, message: `${host} was interrupted before it was done`});

const listenOn = async <T>(state: State, listener: Listener<T>, limits: ListenLimits): Promise<T> => {
  const result = Promise.withResolvers<T>();
  const fail = (fault: unknown): void => {
    result.reject(fault instanceof Error ? fault : new Error(String(fault)));
    endGroup(state.child);
  };
  const hear = (part: (chunk: Buffer) => void) => (chunk: Buffer) => {
    try {
      part(chunk);
      const value = listener.done();
      if (value !== undefined) result.resolve(value);
    } catch (error) {
      fail(error);
    }
  };
  state.active = {
    stdout: hear((chunk) => listener.stdout(chunk)),
    stderr: hear((chunk) => listener.stderr(chunk)),
    ended: (ending) => result.reject(limits.ended(ending)),
  };
  if (state.ending) state.active.ended(state.ending);
  const interrupt = (): void => fail(interrupted(limits.host));
  if (limits.signal?.aborted) interrupt();
  limits.signal?.addEventListener('abort', interrupt, {once: true});
  const late = ({fault}: Timeout): void => {
    const reached = fault();
    if (reached) fail(reached);
  };
  const timers = limits.timeouts.map((timeout) => setTimeout(late, timeout.afterMs, timeout));
  try {
    return await result.promise;
  } finally {
    state.active = undefined;
    for (const timer of timers) clearTimeout(timer);
    limits.signal?.removeEventListener('abort', interrupt);
  }
};

/** Opens a channel over a program that was started as the leader of its own process group. */
export const openChannel = (child: ChildProcessWithoutNullStreams): Channel => {
  const state: State = {child};
  const stdout = recentBytes();
  const stderr = recentBytes();
  const over = Promise.withResolvers<void>();
  let drain: NodeJS.Timeout | undefined;
  const finish = (exit: number | null, signal: string | null, spawnError?: NodeJS.ErrnoException): void => {
    if (state.ending) return;
    clearTimeout(drain);
    const texts = {stdout: sinceLastMark(stdout.text()), stderr: sinceLastMark(stderr.text())};
    state.ending = spawnError ? {exit, signal, spawnError, ...texts} : {exit, signal, ...texts};
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    // What a shell that was killed had started would live on.
    if (state.active) send(child, 'SIGTERM');
    state.active?.ended(state.ending);
    over.resolve();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    state.active?.stdout(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    state.active?.stderr(chunk);
  });
  // EPIPE here only says what the exit says better.
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => finish(null, null, error));
  child.on('exit', (exit, signal) => {
    drain = setTimeout(finish, DRAIN_MS, exit, signal);
  });
  child.on('close', (exit, signal) => finish(exit, signal));
  return {
    write: (text) => void child.stdin.write(text),
    async feed(chunks) {
      const drained = (): Promise<void> => new Promise((resolve) => child.stdin.once('drain', resolve));
      for await (const chunk of chunks) {
        if (state.ending) return;
        if (!child.stdin.write(chunk)) await Promise.race([drained(), over.promise]);
      }
      child.stdin.end();
    },
    listen: (listener, limits) => listenOn(state, listener, limits),
    recent: () => stderr.text(),
    async close() {
      child.stdin.end();
      const timer = setTimeout(endGroup, POLITE_MS, child);
      await over.promise;
      clearTimeout(timer);
    },
  };
};
