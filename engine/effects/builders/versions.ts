import {execFile} from 'node:child_process';
import {mkdir, readFile, realpath, rename, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {Fault, Faults} from '../../model/fault.ts';
import {fileDigest} from '../store/source-files.ts';
import {findTool, TOOLS} from '../tools.ts';

const ask = promisify(execFile);

/** What a program said when it was this file. */
type Known = Record<string, {stamp: string; version: string}>;

const LIMIT_MS = 10_000;

const firstLine = (text: string): string | undefined =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');

/** A program that does not tell its version is known by its bytes, and so is a file that is none. */
const told = async (file: string, tool: string): Promise<string> => {
  if (path.isAbsolute(tool)) return `sha256:${await fileDigest(file)}`;
  const answer = ask(file, ['--version'], {timeout: LIMIT_MS, env: {PATH: process.env['PATH'], LC_ALL: 'C.UTF-8'}});
  // Closed, for what takes an unknown option as a wish to read.
  answer.child.stdin?.end();
  const line = await answer.then(
    ({stdout}) => firstLine(stdout),
    () => undefined,
  );
  return line ?? `sha256:${await fileDigest(file)}`;
};

const missing = (tool: string): Fault => {
  const row = TOOLS.find(({command}) => command === tool);
  return new Fault({
    code: 'missing-tool',
    owner: 'user',
    message: path.isAbsolute(tool) ? `the file ${tool} is missing` : `the program ${tool} is missing`,
    hint:
      row === undefined
        ? 'install the package that brings it'
        : `apt-get install ${row.package}, or \`linerate doctor --for build --install\``,
  });
};

const isKnown = (value: unknown): value is Known => typeof value === 'object' && value !== null;

const readKnown = async (file: string): Promise<Known> => {
  try {
    const known: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isKnown(known) ? known : {};
  } catch {
    return {};
  }
};

const writeKnown = async (file: string, known: Known): Promise<void> => {
  const aside = `${file}.${String(process.pid)}`;
  try {
    await mkdir(path.dirname(file), {recursive: true});
    await writeFile(aside, JSON.stringify(known));
    await rename(aside, file);
  } catch {
    // They are asked again the next time.
  }
};

/**
 * What programs of this machine say of their versions: each is asked once for as long as its file stays the same.
 * @param cache the file that keeps what they said
 * @throws Fault or Faults `missing-tool`, one for each
 */
export const toolVersions = async (
  tools: readonly string[],
  cache: string,
): Promise<Readonly<Record<string, string>>> => {
  const known = await readKnown(cache);
  const asked: Known = {};
  const found = await Promise.all(
    tools.map(async (tool) => {
      const place = await findTool(tool);
      if (place === undefined) return missing(tool);
      const file = await realpath(place);
      const {mtimeMs, size, ino} = await stat(file);
      const stamp = [file, mtimeMs, size, ino].join(' ');
      const before = known[tool];
      const version = before?.stamp === stamp ? before.version : await told(place, tool);
      if (before?.stamp !== stamp) asked[tool] = {stamp, version};
      return {tool, version};
    }),
  );
  const faults = found.filter((one) => one instanceof Fault);
  if (faults.length > 0) throw new Faults(faults);
  if (Object.keys(asked).length > 0) await writeKnown(cache, {...known, ...asked});
  return Object.fromEntries(found.flatMap((one) => (one instanceof Fault ? [] : [[one.tool, one.version]])));
};
