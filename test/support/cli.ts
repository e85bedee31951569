import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {loadSheets} from '../../engine/catalogue/sheets.ts';
import {recordingOf} from '../../engine/facts/recording-text.ts';
import {sheetSysctls} from '../../engine/plan/sheet-sysctls.ts';
import {generatedFrames, TOKEN} from './generated/probe.ts';
import type {HostSpec} from './generated/spec.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');

export type CliAnswer = {status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string};

export type CliOptions = {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** What runs linerate: `['setpriv', '--reuid', '65534', …]`. */
  under?: readonly string[];
  /** Called with the program once it runs. */
  started?: (kill: (signal: NodeJS.Signals) => void) => void;
};

/** Runs the command line as a user would, with a plain environment. */
export const linerate = async (words: readonly string[], options: CliOptions = {}): Promise<CliAnswer> => {
  const [command = '', ...rest] = [...(options.under ?? []), path.join(ROOT, 'linerate'), ...words];
  const child = spawn(command, rest, {
    cwd: options.cwd ?? tmpdir(),
    env: {PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', ...options.env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  options.started?.((signal) => void child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve({status, signal, stdout, stderr});
    });
  });
};

/** A folder for one test file, removed when its program ends. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'linerate-cli-'));
  process.on('exit', () => {
    rmSync(folder, {recursive: true, force: true});
  });
  return folder;
};

/** Writes a generated host as a recording into the folder. */
export const recordHost = (folder: string, name: string, host: HostSpec): string => {
  const file = path.join(folder, `${name}.rec`);
  const wanted = {sysctls: sheetSysctls(loadSheets())};
  writeFileSync(file, recordingOf(generatedFrames(host, wanted), TOKEN));
  return file;
};
