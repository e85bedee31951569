import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {open, readFile} from 'node:fs/promises';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {Job} from './builder.ts';

/** How a job's program is started, and ended with all that it started. */
export type Launch = {words: readonly string[]; kind: 'apart' | 'group'};

/** The first of the namespace: with it the kernel ends all others, and only then does `unshare` end. */
const firstInside = async (pid: number): Promise<number | undefined> => {
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').catch(() => '');
  const first = Number.parseInt(children, 10);
  return Number.isNaN(first) ? undefined : first;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
};

const endAll = async ({pid}: ChildProcess, {kind}: Launch): Promise<void> => {
  if (pid === undefined) return;
  if (kind === 'group') kill(-pid);
  else kill((await firstInside(pid)) ?? pid);
};

/** Splits text into lines as it comes. */
const lineFeeder = (onLine: (line: string) => void) => {
  const decoder = new TextDecoder();
  let rest = '';
  return (chunk: Uint8Array): void => {
    const lines = (rest + decoder.decode(chunk, {stream: true})).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
};

const copyOutput = async (child: ChildProcess, job: Job, onLine: (line: string) => void): Promise<void> => {
  const log = await open(job.log, 'a');
  const feed = lineFeeder(onLine);
  try {
    for await (const chunk of child.stdout ?? []) {
      if (!(chunk instanceof Uint8Array)) continue;
      await log.write(chunk);
      feed(chunk);
    }
  } finally {
    await log.close();
  }
};

const stageFailed = (job: Job, how: string, last: string | undefined): Fault =>
  new Fault({
    code: 'stage-failed',
    owner: 'tool',
    message: `the stage "${job.name}" ended with ${how}${last === undefined ? '' : `: ${printableLine(last, 300)}`}`,
  });

const started = (launch: Launch): ChildProcess => {
  // Descriptor 3 is never written to: it ends with us, which tells a group that waits for that.
  const leash = launch.kind === 'group' ? (['pipe'] as const) : [];
  return spawn('/bin/sh', ['-c', 'exec "$@" 2>&1', 'sh', ...launch.words], {
    stdio: ['ignore', 'pipe', 'ignore', ...leash],
    detached: true,
  });
};

/** `status 2`, or the signal that ended it. */
const exitOf = async (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      resolve(signal ?? `status ${String(status)}`);
    });
  });

/**
 * Follows a program that runs a job's script, to its end; its words go to the log.
 * @param how.status `status 0`, or what it ended with
 * @param how.end ends it, with all that it started
 * @throws Fault `stage-failed`; the signal's reason where that was aborted
 */
export const followProgram = async (
  child: ChildProcess,
  job: Job,
  {status, end}: {status: () => Promise<string>; end: () => void},
): Promise<void> => {
  job.signal.addEventListener('abort', end);
  if (job.signal.aborted) end();
  let last: string | undefined;
  try {
    const ended = status();
    // Told once the output has ended; until then nobody listens.
    ended.catch(() => undefined);
    const unwritten = await copyOutput(child, job, (line) => {
      if (line.trim() !== '') last = line;
      job.onLine?.(line);
    }).then(
      () => undefined,
      (error: unknown) => {
        end();
        return {error};
      },
    );
    const how = await ended;
    job.signal.throwIfAborted();
    if (unwritten) throw unwritten.error;
    if (how !== 'status 0') throw stageFailed(job, how, last);
  } finally {
    job.signal.removeEventListener('abort', end);
  }
};

/** Runs a job's program on this machine; see `followProgram`. */
export const runScript = async (launch: Launch, job: Job): Promise<void> => {
  job.signal.throwIfAborted();
  const child = started(launch);
  const end = (): void => void endAll(child, launch);
  const status = async (): Promise<string> => {
    const how = await exitOf(child);
    // What a script left behind in its group holds the pipe open.
    if (launch.kind === 'group') await endAll(child, launch);
    return how;
  };
  await followProgram(child, job, {status, end});
};

/** A shell on our own terminal, until the person leaves it. */
export const runShell = async (words: readonly string[]): Promise<void> => {
  const [command = '', ...rest] = words;
  await once(spawn(command, rest, {stdio: 'inherit'}), 'exit');
};
