import path from 'node:path';
import {readInventory, type InventoryOptions} from '../../engine/effects/inventory/read-inventory.ts';
import {readVaultPassword} from '../../engine/effects/inventory/vault-passwords.ts';
import type {Inventory} from '../../engine/inventory/inventory.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** Where the fixtures of inventories are, good and bad. */
export const INVENTORIES = path.join(FIXTURES, 'inventories');
export const BAD_INVENTORIES = path.join(FIXTURES, 'bad-inventories');

/** The vault passwords of the fixtures, as `--vault-id` takes them. */
export const VAULT_IDS: readonly string[] = [
  `default@${path.join(FIXTURES, 'vault-passwords/default')}`,
  `prod@${path.join(FIXTURES, 'vault-passwords/prod')}`,
];

/** Options for a test: the fixtures' passwords, and no folder of variables beside a playbook. */
export const inventoryOptions = async (changes: Partial<InventoryOptions> = {}): Promise<InventoryOptions> => ({
  vaultPasswords: await Promise.all(VAULT_IDS.map(async (id) => readVaultPassword(id, {timeoutMs: 20_000}))),
  scriptTimeoutMs: 20_000,
  extraVariables: [],
  directory: path.join(FIXTURES, 'vault-passwords'),
  ...changes,
});

/** Reads inventories of the fixtures, by their names in the folder. */
export const readFixture = async (
  names: readonly string[],
  changes: Partial<InventoryOptions> = {},
): Promise<Inventory> =>
  readInventory(
    names.map((name) => (name.includes(',') ? name : path.join(INVENTORIES, name))),
    await inventoryOptions(changes),
  );
