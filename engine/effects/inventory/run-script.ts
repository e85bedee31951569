import {spawn, type ChildProcessByStdio} from 'node:child_process';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {inventoryFault} from '../../inventory/complaints.ts';
import type {Fault} from '../../model/fault.ts';

export type ScriptLimits = {timeoutMs: number; signal?: AbortSignal};

/** More output than this is taken for a script that has run wild. */
const MOST_BYTES = 64 * 1024 * 1024;

type Script = ChildProcessByStdio<null, Readable, Readable>;

const SPAWN_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it is not executable',
  ENOENT: 'the program of its first line is missing',
  ENOEXEC: 'it is no program',
};

/** Ends the script and all that it has started: they share its group, also when the script itself is gone. */
const end = (script: Script): void => {
  if (script.pid === undefined) return;
  try {
    process.kill(-script.pid, 'SIGKILL');
  } catch (error) {
    // It ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

const lastLine = (stderr: string): string => stderr.trim().split('\n').at(-1) ?? '';

const statusMessage = (status: number | null, signal: string | null, stderr: string): string => {
  const how = status === null ? `was ended by ${signal ?? 'a signal'}` : `exited with status ${String(status)}`;
  const why = lastLine(stderr);
  return why === '' ? how : `${how}: ${why}`;
};

/**
 * Runs an inventory script with one of Ansible's two requests; resolves with both its streams. Rejects with a `Fault`
 * when it cannot be started, exits non-zero, takes too long or prints without end; nothing of it is left running.
 */
export const runScript = async (
  file: string,
  request: readonly string[],
  limits: ScriptLimits,
): Promise<{stdout: string; stderr: string}> => {
  const command = [file, ...request].join(' ');
  const fault = (what: string): Fault => inventoryFault('inventory-script', `${command} ${what}`, file);
  if (limits.signal?.aborted === true) throw fault('was interrupted');
  return await new Promise((resolve, reject) => {
    const script = spawn(path.resolve(file), request, {stdio: ['ignore', 'pipe', 'pipe'], detached: true});
    const taken = {stdout: [] as Buffer[], stderr: [] as Buffer[]};
    let bytes = 0;
    const release = (): void => {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', abort);
    };
    const fail = (what: string): void => {
      release();
      end(script);
      reject(fault(what));
    };
    const abort = (): void => fail('was interrupted');
    const late = `did not answer within ${String(limits.timeoutMs / 1000)} s`;
    const timer = setTimeout(() => fail(late), limits.timeoutMs);
    limits.signal?.addEventListener('abort', abort);
    for (const stream of ['stdout', 'stderr'] as const) {
      script[stream].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        taken[stream].push(chunk);
        if (bytes > MOST_BYTES) fail(`printed more than ${String(MOST_BYTES / 1024 / 1024)} MiB`);
      });
    }
    script.on('error', (error: NodeJS.ErrnoException) => {
      fail(`cannot be run: ${SPAWN_REASONS[error.code ?? ''] ?? error.message}`);
    });
    script.on('close', (status, signal) => {
      release();
      const stderr = Buffer.concat(taken.stderr).toString('utf8');
      if (status === 0) resolve({stdout: Buffer.concat(taken.stdout).toString('utf8'), stderr});
      else reject(fault(statusMessage(status, signal, stderr)));
    });
  });
};
