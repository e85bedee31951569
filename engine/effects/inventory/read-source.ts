import {open, readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {blame, blameThrown, warn} from '../../inventory/complaints.ts';
import type {Draft} from '../../inventory/draft.ts';
import {readHostList} from '../../inventory/host-list.ts';
import {readIni} from '../../inventory/ini.ts';
import {readJson, readJsonOrYaml} from '../../inventory/json-text.ts';
import {readScriptHost, readScriptHosts, readScriptList} from '../../inventory/script-inventory.ts';
import {readYamlInventory} from '../../inventory/yaml-inventory.ts';
import {Fault, Faults} from '../../model/fault.ts';
import {exists, isExecutable, isFolder, wayDown} from './paths.ts';
import {readText, reasonOf} from './read-text.ts';
import {runScript, type ScriptLimits} from './run-script.ts';
import type {VaultPassword} from './vault.ts';

export type SourceReading = {
  readonly draft: Draft;
  readonly passwords: readonly VaultPassword[];
  readonly script: ScriptLimits;
};

/** What Ansible passes over in a folder of inventories (2.14: `.ini` as well). */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.ini|\.cfg|\.retry)$/;

const YAML_EXTENSIONS: ReadonlySet<string> = new Set(['.yml', '.yaml', '.json']);

// A file without an extension is YAML when its first line of substance can only be that: a document mark, a directive,
// a flow mapping, or a key with its colon. No line of an INI inventory starts so.
const YAML_START = /^(?:---(?:\s|$)|%YAML|\{|["']?[^\s[#;="']+["']?:(?:\s|$))/;

const ASKED_AT_ONCE = 8;

const startsAsYaml = (text: string): boolean => {
  const first = text.split('\n').find((line) => line.trim() !== '' && !/^\s*[#;]/.test(line));
  return first !== undefined && YAML_START.test(first);
};

const readTextFile = async (reading: SourceReading, file: string): Promise<void> => {
  const text = await readText(file, reading.passwords);
  const extension = path.extname(file);
  if (extension === '.toml') blame(reading.draft.complaints, 'inventory-syntax', 'TOML inventories are not read', file);
  else if (YAML_EXTENSIONS.has(extension) || (extension === '' && startsAsYaml(text))) {
    readYamlInventory(reading.draft, readJsonOrYaml(text, file, reading.draft.decrypt), file);
  } else readIni(reading.draft, text, file);
};

const firstBytes = async (file: string): Promise<string> => {
  const opened = await open(file);
  try {
    const {buffer, bytesRead} = await opened.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await opened.close();
  }
};

/** Whether a file is to be run: many an INI file is executable by mistake (shared folders), so its start decides. */
const isScript = async (file: string): Promise<boolean> => {
  const start = await firstBytes(file);
  return start.startsWith('#!') || (start === '\u007fELF' && (await isExecutable(file)));
};

const askScript = async (reading: SourceReading, file: string, request: readonly string[]): Promise<string> => {
  const {stdout, stderr} = await runScript(file, request, reading.script);
  if (stderr.trim() !== '') warn(reading.draft.complaints, `${path.basename(file)} says: ${stderr}`, file);
  return stdout;
};

const readHostAnswer = async (reading: SourceReading, file: string, host: string): Promise<void> => {
  const {draft} = reading;
  const text = await askScript(reading, file, ['--host', host]);
  if (text.trim() === '') return;
  readScriptHost(draft, host, readJsonOrYaml(text, `${file} --host ${host}`, draft.decrypt).value, file);
};

/** Asks a script for each host, some at once; after a fault no more are asked, and none is left running. */
const readHostAnswers = async (reading: SourceReading, file: string, hosts: ReadonlySet<string>): Promise<void> => {
  const left = hosts.values();
  const {complaints} = reading.draft;
  const before = complaints.faults.length;
  const work = async (): Promise<void> => {
    for (const host of left) {
      await readHostAnswer(reading, file, host).catch((thrown: unknown) => blameThrown(complaints, thrown));
      if (complaints.faults.length > before) return;
    }
  };
  await Promise.all(Array.from({length: ASKED_AT_ONCE}, work));
};

const readScript = async (reading: SourceReading, file: string): Promise<void> => {
  const {draft} = reading;
  const text = await askScript(reading, file, ['--list']);
  const list = readJson(text, file, reading.draft.decrypt);
  if (list === undefined) {
    const start = text.trim() === '' ? 'nothing' : `something else, which starts with ${text.trim().slice(0, 40)}`;
    blame(draft.complaints, 'inventory-script', `${file} --list must print JSON and printed ${start}`, file);
    return;
  }
  const answer = readScriptList(draft, list.value, file);
  if (answer.hostVariables === undefined) await readHostAnswers(reading, file, answer.hosts);
  else readScriptHosts(draft, answer, file);
};

const readFileSource = async (reading: SourceReading, file: string): Promise<void> => {
  if (!(await isScript(file))) await readTextFile(reading, file);
  else if (await isExecutable(file)) await readScript(reading, file);
  else {
    const hint = `chmod +x ${file}`;
    blame(reading.draft.complaints, 'inventory-script', `the script ${file} is not executable`, file, hint);
  }
};

const readFolder = async (reading: SourceReading, folder: string, above: readonly string[]): Promise<number> => {
  const way = await wayDown(above, folder);
  if (way === undefined) {
    warn(reading.draft.complaints, `${folder} is passed over: its link leads back to a folder above it`, folder);
    return 0;
  }
  let read = 0;
  for (const name of (await readdir(folder)).toSorted()) {
    const file = path.join(folder, name);
    if (!IGNORED.test(name)) read += await readPath(reading, file, way);
    else if (/^[^.].*\.ini$/.test(name)) {
      warn(reading.draft.complaints, `${file} is passed over: Ansible ignores .ini in a folder of inventories`, file);
    }
  }
  return read;
};

const blameUnreadable = (reading: SourceReading, file: string, why: string): void =>
  blame(reading.draft.complaints, 'inventory-missing', `cannot read the inventory ${file}: ${why}`, file);

/** Reads a file or folder; resolves with the number of files read. */
const readPath = async (reading: SourceReading, file: string, above: readonly string[]): Promise<number> => {
  try {
    const status = await stat(file);
    if (status.isDirectory()) return await readFolder(reading, file, above);
    if (status.isFile()) await readFileSource(reading, file);
    else if (status.isFIFO() || file === '/dev/null') await readTextFile(reading, file);
    else blameUnreadable(reading, file, 'it is neither a file nor a folder');
  } catch (error) {
    if (error instanceof Fault || error instanceof Faults) blameThrown(reading.draft.complaints, error);
    else blameUnreadable(reading, file, reasonOf(error));
  }
  return 1;
};

/**
 * Reads one source into the draft: a file, a folder of them or a list of hosts with a comma in it. Resolves with the
 * folder whose `group_vars` and `host_vars` belong to it; a host list has none.
 */
export const readSource = async (reading: SourceReading, source: string): Promise<string | undefined> => {
  if (source.includes(',') && !(await exists(source))) {
    readHostList(reading.draft, source);
    return undefined;
  }
  if ((await readPath(reading, source, [])) === 0) {
    blame(reading.draft.complaints, 'inventory-missing', `the folder ${source} holds no inventory`, source);
  }
  return (await isFolder(source)) === true ? source : path.dirname(source);
};
