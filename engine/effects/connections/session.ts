import type {ChildProcessWithoutNullStreams} from 'node:child_process';
import {Fault} from '../../model/fault.ts';
import {shellQuote} from '../../model/shell.ts';
import type {Answer, Become, Connection, RunOptions} from '../connection.ts';
import {becomeUser} from './become.ts';
import {interrupted, openChannel, type Channel, type Ending, type Timeout} from './channel.ts';
import {feederOf} from './feeder.ts';
import {announce, freshToken, markedStream} from './marks.ts';

/** How far a session had come when its program ended. */
export type Phase = 'start' | 'run';

export type SessionOptions = {
  host: string;
  root?: string;
  become?: Become | undefined;
  signal?: AbortSignal | undefined;
  /** Most time from the start to the shell's first word, in milliseconds. */
  startTimeoutMs: number;
  /** What must stand before the program can start. */
  prepare?(): Promise<void>;
  /** Told of every failure before the shell's first word; true: try once more. */
  again?(failure: unknown, signal: AbortSignal | undefined): Promise<boolean>;
  /** Starts the program that leads to a POSIX shell; it leads its own process group. */
  start(): ChildProcessWithoutNullStreams;
  /** Called when the program has ended, or has been given up, whatever the reason. */
  dispose?(): Promise<void>;
  /** Called once, when the shell has given its first word: the connection is authenticated. */
  onReady?: (() => void) | undefined;
  /** Why the program ended before it should have. */
  ended(ending: Ending, phase: Phase): Fault;
  /** No shell answered within so many seconds; `stderr` is what came instead. */
  silent(seconds: number, stderr: string): Fault;
};

const MOST_STDOUT = 64 * 1024 * 1024;
const MOST_STDERR = 1024 * 1024;

/**
 * The text that runs a script in a subshell, so that its `exit`, its variables and its syntax errors stay its own, with
 * nothing on its standard input, where the next script will come. SSH_CONNECTION is handed on under a name that sudo's
 * later cleaning does not concern.
 */
const wrapped = (script: string, token: string): string =>
  `: "\${LR_SSH_CONNECTION=$SSH_CONNECTION}"; export LR_SSH_CONNECTION
${announce(token, 'begin')}; ${announce(token, 'begin')} >&2
(eval ${shellQuote(` ${script}`)}) </dev/null
${announce(token, 'end', '"$?"')}; ${announce(token, 'end')} >&2
`;

/**
 * The same for a script that reads the stream to its end: the shell becomes another one, which begins once all of this text
 * was read, and never takes what follows for a script.
 */
const wrappedLast = (script: string, token: string): string => {
  const body = `${announce(token, 'begin')}; ${announce(token, 'begin')} >&2
(eval ${shellQuote(` ${script}`)})
${announce(token, 'end', '"$?"')}; ${announce(token, 'end')} >&2`;
  return `exec /bin/sh -c ${shellQuote(body)}\n`;
};

const tooLarge = (host: string, most: number): Fault =>
  new Fault({
    code: 'output-too-large',
    owner: 'host',
    host,
    message: `${host} sent more than ${String(most)} bytes, which no probe should`,
  });

const timedOut = (host: string, ms: number): Fault =>
  new Fault({
    code: 'run-timeout',
    owner: 'host',
    host,
    message: `${host} did not finish within ${String(ms / 1000)} s`,
    hint: 'something on the host may hang (a device, a network file system); raise the limit if it is only slow',
  });

type Session = SessionOptions & {channel?: Channel; ready: boolean};

const opened = async (session: Session, signal: AbortSignal | undefined): Promise<Channel> => {
  if (session.channel) return session.channel;
  await session.prepare?.();
  if (signal?.aborted) throw interrupted(session.host);
  session.channel = openChannel(session.start());
  return session.channel;
};

const silent = (session: Session, ms: number): Fault | undefined =>
  session.ready ? undefined : session.silent(ms / 1000, session.channel?.recent() ?? '');

const timeouts = (session: Session, limit: number | undefined): Timeout[] => {
  const start = session.startTimeoutMs;
  const startTimeout = {afterMs: start, fault: () => silent(session, start)};
  if (limit === undefined) return session.ready ? [] : [startTimeout];
  const runTimeout = {afterMs: limit, fault: () => silent(session, limit) ?? timedOut(session.host, limit)};
  return session.ready ? [runTimeout] : [startTimeout, runTimeout];
};

const markReady = (session: Session): void => {
  if (!session.ready) session.onReady?.();
  session.ready = true;
};

const exchange = async (session: Session, script: string, options: RunOptions): Promise<Answer> => {
  const token = freshToken();
  const text = options.input ? wrappedLast(script, token) : wrapped(script, token);
  const signal = anySignal(session.signal, options.signal);
  const channel = await opened(session, signal);
  if (session.become && !session.ready) {
    await becomeUser(channel, session.become, {...session, signal, timeouts: timeouts(session, options.timeoutMs)});
    markReady(session);
  }
  const most = options.maxBytes ?? MOST_STDOUT;
  const refuse = (): never => {
    throw tooLarge(session.host, most);
  };
  const stdout = markedStream(token, {most, exceeded: refuse});
  const stderr = markedStream(token, {most: MOST_STDERR, exceeded: () => undefined});
  const feeder = feederOf(channel, options.input);
  channel.write(text);
  const answer = (): Answer | undefined => {
    const status = stdout.ended();
    if (stdout.begun()) {
      markReady(session);
      feeder.begin();
    }
    if (status === undefined || stderr.ended() === undefined) return undefined;
    return {stdout: stdout.body().toString('utf8'), stderr: stderr.body().toString('utf8'), status: Number(status)};
  };
  const limits = {
    host: session.host,
    ended: (ending: Ending) => session.ended(ending, session.ready ? 'run' : 'start'),
    signal: anySignal(signal, feeder.signal),
    timeouts: timeouts(session, options.timeoutMs),
  };
  try {
    return await channel.listen(
      {stdout: (chunk) => stdout.push(chunk), stderr: (chunk) => stderr.push(chunk), done: answer},
      limits,
    );
  } catch (error) {
    throw feeder.failure() ?? error;
  }
};

const anySignal = (...signals: (AbortSignal | undefined)[]): AbortSignal | undefined => {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
};

/** Only what failed before the shell's first word may be tried again: nothing of the script has run then. */
const withRetry = async (session: Session, script: string, options: RunOptions): Promise<Answer> => {
  try {
    return await exchange(session, script, options);
  } catch (error) {
    const again = session.ready ? undefined : session.again?.(error, anySignal(session.signal, options.signal));
    if (!(await again)) throw error;
    delete session.channel;
    return withRetry(session, script, options);
  }
};

/** A connection over a program that leads to a POSIX shell. It starts with the first run; runs queue up. */
export const shellConnection = (options: SessionOptions): Connection => {
  const session: Session = {...options, ready: false};
  let last: Promise<unknown> = Promise.resolve();
  let broken: Error | undefined;
  const run = async (script: string, runOptions: RunOptions): Promise<Answer> => {
    if (broken) throw broken;
    try {
      return await withRetry(session, script, runOptions);
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  };
  return {
    root: options.root ?? '',
    run(script, runOptions = {}) {
      const answer = last.then(() => run(script, runOptions));
      last = answer.catch(() => undefined);
      return answer;
    },
    async close() {
      await last;
      broken ??= new Fault({
        code: 'connection-closed',
        owner: 'tool',
        host: options.host,
        message: 'the connection was closed',
      });
      await session.channel?.close();
      await options.dispose?.();
    },
  };
};
