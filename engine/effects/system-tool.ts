import {execFile} from 'node:child_process';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import {findTool, TOOLS} from './tools.ts';

export type ToolCall = {
  /** Of the program, besides PATH and a neutral locale; nothing else of ours is handed on. */
  environment?: Readonly<Record<string, string>>;
  folder?: string;
  /** What it reads on standard input. */
  input?: string | Uint8Array;
  signal?: AbortSignal;
};

export type ToolOutcome = {status: number; stdout: string; stderr: string};

const MOST_OUTPUT = 256 * 1024 * 1024;

const placeOf = async (command: string): Promise<string> => {
  const place = await findTool(command);
  if (place !== undefined) return place;
  const row = TOOLS.find((tool) => tool.command === command);
  throw new Fault({
    code: 'missing-tool',
    owner: 'user',
    message: `the program ${command} is missing`,
    hint: row ? `apt-get install ${row.package}` : 'install the package that brings it',
  });
};

const PATHS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a program of this machine to its end, whatever its status. An abort ends it.
 * @throws Fault `missing-tool`, `tool-failed` where it ended by a signal or said more than is sane
 */
export const toolOutcome = async (
  command: string,
  argv: readonly string[],
  call: ToolCall = {},
): Promise<ToolOutcome> => {
  const place = await placeOf(command);
  return new Promise((resolve, reject) => {
    const child = execFile(
      place,
      argv,
      {
        env: {PATH: PATHS, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...call.environment},
        maxBuffer: MOST_OUTPUT,
        encoding: 'utf8',
        ...(call.folder === undefined ? {} : {cwd: call.folder}),
        ...(call.signal === undefined ? {} : {signal: call.signal}),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({status: 0, stdout, stderr});
        else if (typeof error.code === 'number') resolve({status: error.code, stdout, stderr});
        else reject(failed(command, call.signal?.aborted ? 'it was interrupted' : error.message, error));
      },
    );
    child.stdin?.on('error', () => undefined).end(call.input ?? '');
  });
};

const failed = (command: string, said: string, cause?: unknown): Fault =>
  new Fault({
    code: 'tool-failed',
    owner: 'tool',
    message: `${command} failed: ${printableLine(said)}`,
    ...(cause instanceof Error ? {cause} : {}),
  });

/**
 * What a program says on its standard output; it must succeed.
 * @throws Fault `missing-tool`, `tool-failed` with the last that it said
 */
export const toolOutput = async (command: string, argv: readonly string[], call: ToolCall = {}): Promise<string> => {
  const {status, stdout, stderr} = await toolOutcome(command, argv, call);
  if (status === 0) return stdout;
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-3).join('\n');
  throw failed(command, `status ${String(status)}: ${said}`);
};
