import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {blameThrown, warn} from '../../inventory/complaints.ts';
import type {Draft} from '../../inventory/draft.ts';
import {variablesOf} from '../../inventory/extra-variables.ts';
import {readJsonOrYaml} from '../../inventory/json-text.ts';
import type {VariableFolder} from '../../inventory/merge.ts';
import type {Definition, Definitions} from '../../inventory/values.ts';
import type {Decrypt} from '../../inventory/yaml-build.ts';
import {isFolder, wayDown} from './paths.ts';
import {readText} from './read-text.ts';
import type {VaultPassword} from './vault.ts';

const EXTENSIONS: readonly string[] = ['', '.yml', '.yaml', '.json'];

type Reading = {readonly draft: Draft; readonly passwords: readonly VaultPassword[]};

/** The files of a folder of variables, deepest included, in the order in which Ansible reads them. */
const filesBelow = async (folder: string, above: readonly string[] = []): Promise<readonly string[]> => {
  const way = await wayDown(above, folder);
  const found: string[] = [];
  if (way === undefined) return found;
  for (const name of (await readdir(folder)).toSorted()) {
    if (name.startsWith('.') || name.endsWith('~')) continue;
    const file = path.join(folder, name);
    const extension = path.extname(name);
    if (await isFolder(file)) {
      if (extension === '') found.push(...(await filesBelow(file, way)));
    } else if (EXTENSIONS.includes(extension)) found.push(file);
  }
  return found;
};

/** Reads one file of variables. Throws a `Fault`. */
export const readVariableFile = async (
  file: string,
  passwords: readonly VaultPassword[],
  decrypt: Decrypt,
): Promise<Definitions> => variablesOf(readJsonOrYaml(await readText(file, passwords), file, decrypt), file);

type FileResult = {definitions: Definitions} | {thrown: unknown};

const attempt = async (reading: Reading, file: string): Promise<FileResult> => {
  try {
    return {definitions: await readVariableFile(file, reading.passwords, reading.draft.decrypt)};
  } catch (thrown) {
    return {thrown};
  }
};

const readEntity = async (
  reading: Reading,
  folder: string,
  names: ReadonlySet<string>,
  entity: string,
): Promise<readonly FileResult[]> => {
  // A name with a slash could lead out of the folder, and is never a file's name: it is simply not listed.
  const name = EXTENSIONS.map((extension) => entity + extension).find((candidate) => names.has(candidate));
  if (name === undefined) return [];
  const file = path.join(folder, name);
  const files = (await isFolder(file)) === true ? await filesBelow(file) : [file];
  return await Promise.all(files.map(async (each) => attempt(reading, each)));
};

const namesIn = async (draft: Draft, folder: string): Promise<ReadonlySet<string>> => {
  const folderThere = await isFolder(folder);
  if (folderThere === false) warn(draft.complaints, `${folder} is not a folder, and is skipped`, folder);
  return new Set(folderThere === true ? await readdir(folder) : []);
};

const readEntities = async (
  reading: Reading,
  folder: string,
  entities: readonly string[],
): Promise<ReadonlyMap<string, Definitions>> => {
  const names = await namesIn(reading.draft, folder);
  const found = new Map<string, Definitions>();
  if (names.size === 0) return found;
  const results = await Promise.all(entities.map(async (entity) => readEntity(reading, folder, names, entity)));
  for (const [index, entity] of entities.entries()) {
    const merged = new Map<string, Definition>();
    for (const result of results[index] ?? []) {
      if ('thrown' in result) blameThrown(reading.draft.complaints, result.thrown);
      else for (const [name, definition] of result.definitions) merged.set(name, definition);
    }
    if (merged.size > 0) found.set(entity, merged);
  }
  return found;
};

/** Reads the `group_vars` and `host_vars` of one folder, as far as they are about groups and hosts of the draft. */
export const readVariableFolder = async (
  draft: Draft,
  passwords: readonly VaultPassword[],
  folder: string,
): Promise<VariableFolder> => {
  const reading = {draft, passwords};
  return {
    groups: await readEntities(reading, path.join(folder, 'group_vars'), [...draft.groups.keys()]),
    hosts: await readEntities(reading, path.join(folder, 'host_vars'), [...draft.hosts.keys()]),
  };
};
