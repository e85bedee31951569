import {spawn} from 'node:child_process';
import type {SourceContext} from './context.ts';
import {interruptedBy, sourceFault} from './faults.ts';
import type {ToolOutcome} from '../system-tool.ts';

/**
 * Runs a program in a group of its own, and ends the whole group when the run is interrupted: apt's transports take note of how
 * far a file has come only when the signal reaches them too. When we are killed the kernel ends the program.
 * @throws Fault `interrupted`, `source-program`
 */
export const runInGroup = async (
  command: string,
  words: readonly string[],
  {signal, environment}: Pick<SourceContext, 'signal' | 'environment'>,
): Promise<ToolOutcome> => {
  if (signal.aborted) throw interruptedBy(signal);
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...words], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {...process.env, LC_ALL: 'C.UTF-8', ...environment},
  });
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', end);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('close', resolve);
      child.on('error', (cause) => {
        reject(sourceFault('source-program', `${command} cannot be run: ${cause.message}`, {cause}));
      });
    });
    if (signal.aborted) throw interruptedBy(signal);
    return {status: status ?? 1, stdout: '', stderr};
  } finally {
    signal.removeEventListener('abort', end);
  }
};
