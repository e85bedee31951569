import {execFile} from 'node:child_process';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import {printable, printableLine} from '../../model/printable.ts';
import {findTool} from '../tools.ts';
import {interruptedBy, sourceFault} from './faults.ts';

export type Said = {status: number; stdout: string; stderr: string};

type Limits = {signal: AbortSignal; environment?: Readonly<Record<string, string | undefined>>; folder?: string};

const MOST_BYTES = 512 * 1024 * 1024;

const missing = (command: string, debianPackage: string, why: string): Fault =>
  new Fault({
    code: 'missing-tool',
    owner: 'user',
    message: `${command} is missing, which ${why}`,
    hint: `apt-get install ${debianPackage}`,
  });

const broken = (command: string, {message}: Error): Fault =>
  sourceFault('source-program', `${command} did not come to its end: ${printableLine(message)}`);

/** A program that sources are resolved and fetched with. */
export type Program = {command: string; package: string; why: string};

/**
 * Runs a program to its end, whatever its status; without a terminal to ask questions on.
 * @throws Fault `missing-tool`, `interrupted`
 */
export const runProgram = async (program: Program, words: readonly string[], limits: Limits): Promise<Said> => {
  const {command} = program;
  const file = path.isAbsolute(command) ? command : await findTool(command);
  if (file === undefined) throw missing(command, program.package, program.why);
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      words,
      {
        signal: limits.signal,
        maxBuffer: MOST_BYTES,
        env: {...process.env, LC_ALL: 'C.UTF-8', ...limits.environment},
        ...(limits.folder === undefined ? {} : {cwd: limits.folder}),
      },
      (error, stdout, stderr) => {
        if (limits.signal.aborted) reject(interruptedBy(limits.signal));
        else if (error?.code === 'ENOENT') reject(missing(command, program.package, program.why));
        else if (error && child.exitCode === null) reject(broken(command, error));
        else resolve({status: child.exitCode ?? 0, stdout, stderr});
      },
    );
    child.stdin?.end();
  });
};

/** The last lines of what a program complained about. */
export const complaint = ({stderr, status}: Said): string => {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-2);
  return lines.length === 0 ? `it ended with status ${String(status)}` : printableLine(printable(lines.join('; ')));
};
