import {inventoryFault} from '../../inventory/complaints.ts';
import {Secret} from '../../model/secret.ts';
import {isExecutable} from './paths.ts';
import {readText} from './read-text.ts';
import {runScript, type ScriptLimits} from './run-script.ts';
import type {VaultPassword} from './vault.ts';

/**
 * Reads the password of `--vault-password-file FILE` or `--vault-id ID@FILE`: what an executable file prints, the text of
 * any other, without white space around it. Throws a `Fault` when it cannot be read or is empty.
 */
export const readVaultPassword = async (source: string, limits: ScriptLimits): Promise<VaultPassword> => {
  const [, id = 'default', file = source] = /^([\w.-]+)@(.+)$/s.exec(source) ?? [];
  const text = (await isExecutable(file)) ? (await runScript(file, [], limits)).stdout : await readText(file, []);
  const password = text.trim();
  if (password === '') throw inventoryFault('inventory-vault', `the vault password of ${file} is empty`, file);
  return {id, password: new Secret(password)};
};
