import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {readInventory} from '../../../engine/effects/inventory/read-inventory.ts';
import {Fault, Faults} from '../../../engine/model/fault.ts';
import {BAD_INVENTORIES, inventoryOptions} from '../../support/inventories.ts';

/** A folder is a case: the source in it starts with `inventory`, and `expected` holds every fault or warning, one a line. */
const sourceOf = (folder: string): string =>
  path.join(folder, readdirSync(folder).find((name) => name.startsWith('inventory')) ?? 'inventory.ini');

const lineOf = (kind: string, at: string | undefined, message: string, folder: string): string =>
  `${kind} ${at ?? 'nowhere'}: ${message}`.replaceAll(`${folder}/`, '');

const faultsOf = (error: unknown): readonly Fault[] => {
  if (error instanceof Faults) return error.errors;
  if (error instanceof Fault) return [error];
  throw error;
};

const outcome = async (name: string, folder: string): Promise<readonly string[]> => {
  const options = await inventoryOptions({
    ...(name.includes('no-password') ? {vaultPasswords: []} : {}),
    ...(name.includes('hangs') ? {scriptTimeoutMs: 500} : {}),
  });
  try {
    const {warnings} = await readInventory([sourceOf(folder)], options);
    return warnings.map(({at, message}) => lineOf('warning', at, message, folder));
  } catch (error) {
    return faultsOf(error).map(({code, at, message}) => lineOf(code, at, message, folder));
  }
};

for (const name of readdirSync(BAD_INVENTORIES).toSorted()) {
  test(`tells what is wrong: ${name}`, async (t) => {
    const folder = path.join(BAD_INVENTORIES, name);
    const lines = await outcome(name, folder);
    t.deepEqual(lines, readFileSync(path.join(folder, 'expected'), 'utf8').trim().split('\n'));
    // eslint-disable-next-line no-control-regex
    for (const line of lines) t.notRegex(line, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  });
}
