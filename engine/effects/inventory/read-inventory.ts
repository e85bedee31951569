import {blameThrown, newComplaints, throwFaults} from '../../inventory/complaints.ts';
import {type Draft, newDraft} from '../../inventory/draft.ts';
import {readExtraVariables} from '../../inventory/extra-variables.ts';
import type {Inventory} from '../../inventory/inventory.ts';
import {mergeInventory, type VariableFolder} from '../../inventory/merge.ts';
import {settle} from '../../inventory/settle.ts';
import type {Definition, Definitions} from '../../inventory/values.ts';
import {readSource} from './read-source.ts';
import {readVariableFile, readVariableFolder} from './variable-files.ts';
import {decryptVault, type VaultPassword} from './vault.ts';

export type InventoryOptions = {
  vaultPasswords: readonly VaultPassword[];
  /** Wall-clock limit of one run of an inventory script, in milliseconds. */
  scriptTimeoutMs: number;
  /** Texts of `-e`: `key=value …`, `@file`, JSON or YAML in braces. */
  extraVariables: readonly string[];
  signal?: AbortSignal;
  /** Where a playbook would be: its `group_vars` and `host_vars` count too. The working directory when absent. */
  directory?: string;
};

const readExtra = async (draft: Draft, options: InventoryOptions): Promise<Definitions> => {
  const merged = new Map<string, Definition>();
  for (const text of options.extraVariables) {
    if (text === '') continue;
    try {
      const found = text.startsWith('@')
        ? await readVariableFile(text.slice(1), options.vaultPasswords, draft.decrypt)
        : readExtraVariables(text, draft.decrypt);
      for (const [name, definition] of found) merged.set(name, definition);
    } catch (error) {
      blameThrown(draft.complaints, error);
    }
  }
  return merged;
};

const readSources = async (
  draft: Draft,
  sources: readonly string[],
  options: InventoryOptions,
): Promise<readonly string[]> => {
  const {vaultPasswords: passwords, scriptTimeoutMs: timeoutMs, signal} = options;
  const reading = {draft, passwords, script: {timeoutMs, ...(signal === undefined ? {} : {signal})}};
  const folders: string[] = [];
  for (const source of sources) {
    const folder = await readSource(reading, source);
    if (folder !== undefined) folders.push(folder);
  }
  return folders;
};

/**
 * Reads inventories as Ansible does: files (INI, YAML, JSON, scripts), folders of them and lists such as `h1,h2,`, with
 * the `group_vars` and `host_vars` beside them. Sources add up in their order.
 * @throws Fault when one thing is wrong, Faults with all of them when there are several, each with file and line
 */
export const readInventory = async (sources: readonly string[], options: InventoryOptions): Promise<Inventory> => {
  const draft = newDraft(newComplaints(), (ciphertext, at) =>
    decryptVault(ciphertext, options.vaultPasswords, 'the value', at),
  );
  const folders = await readSources(draft, sources, options);
  settle(draft);
  const read = async (folder: string): Promise<VariableFolder> =>
    readVariableFolder(draft, options.vaultPasswords, folder);
  const besideSources = [];
  for (const folder of folders) besideSources.push(await read(folder));
  const besidePlaybook = await read(options.directory ?? '.');
  const extra = await readExtra(draft, options);
  throwFaults(draft.complaints.faults);
  return mergeInventory(draft, {besideSources, besidePlaybook, extra});
};
