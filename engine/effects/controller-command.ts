import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as pause} from 'node:timers/promises';
import {printableLine} from '../model/printable.ts';
import type {Target} from './connection.ts';

/** What a command on the controller learns of the host that it is run for. */
export type CommandEnvironment = Readonly<Record<string, string>>;

export type CommandOptions = {
  environment: CommandEnvironment;
  /** Wall-clock limit in milliseconds. */
  timeoutMs: number;
  /** Aborting ends the command. */
  signal?: AbortSignal | undefined;
};

const LAST_WORDS = 300;
const TERM_TO_KILL_MS = 3000;

// What it left behind may hold its output open for ever.
const OUTPUT_MS = 300;

/** What OpenSSH is told to connect to; this machine is `localhost`. */
export const addressOf = (target: Target): string => (target.via === 'ssh' ? target.address : 'localhost');

/** `LINERATE_HOST`, `LINERATE_ADDRESS`, `LINERATE_APPLY`, and `LINERATE_PORT` and `LINERATE_USER` where they are given. */
export const environmentOf = (target: Target, apply: string): CommandEnvironment => ({
  LINERATE_HOST: target.name,
  LINERATE_ADDRESS: addressOf(target),
  LINERATE_APPLY: apply,
  ...(target.via === 'ssh' && target.port !== undefined ? {LINERATE_PORT: String(target.port)} : {}),
  ...(target.via === 'ssh' && target.user !== undefined ? {LINERATE_USER: target.user} : {}),
});

const isGone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Ends the command with all that it has started. */
const end = async (child: ChildProcess): Promise<void> => {
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? Number.NaN), signal);
    } catch {
      // It is gone already.
    }
  };
  kill('SIGTERM');
  const late = setTimeout(() => kill('SIGKILL'), TERM_TO_KILL_MS);
  if (!isGone(child)) await once(child, 'exit').catch(() => undefined);
  clearTimeout(late);
};

const endingOf = ({exitCode, signalCode}: ChildProcess, said: string): string | undefined => {
  if (exitCode === 0) return undefined;
  const how = exitCode === null ? `was ended by ${signalCode ?? 'a signal'}` : `ended with status ${String(exitCode)}`;
  const words = printableLine(said.trim().split('\n').at(-1) ?? '', LAST_WORDS);
  return words === '' ? how : `${how}: ${words}`;
};

/**
 * Runs a command of the user on this controller by /bin/sh, in a session of its own: Ctrl-C on the terminal is linerate's to
 * pass on. Resolves with what went wrong, as the end of a sentence (`ended with status 3: no such pool`); undefined when
 * its status was 0.
 */
export const runCommand = async (command: string, options: CommandOptions): Promise<string | undefined> => {
  const {signal} = options;
  if (signal?.aborted) return 'was not run: interrupted';
  const child = spawn('/bin/sh', ['-c', command], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {...process.env, ...options.environment},
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4 * LAST_WORDS)));
  const late = AbortSignal.timeout(options.timeoutMs);
  const stop = signal ? AbortSignal.any([late, signal]) : late;
  try {
    await once(child, 'exit', {signal: stop});
  } catch (error) {
    if (!stop.aborted) return `cannot be run: ${printableLine(error instanceof Error ? error.message : String(error))}`;
    await end(child);
    return signal?.aborted
      ? 'was interrupted'
      : `was not done within ${String(Math.round(options.timeoutMs / 1000))} s`;
  } finally {
    await Promise.race([once(child.stdout, 'close').catch(() => undefined), pause(OUTPUT_MS)]);
    child.stdout.destroy();
    child.stderr.destroy();
  }
  return endingOf(child, said);
};
