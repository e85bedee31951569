import {readFile} from 'node:fs/promises';
import {inventoryFault} from '../../inventory/complaints.ts';
import {decryptVault, isVaulted, type VaultPassword} from './vault.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its links go in a circle',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a folder',
};

/** Why a file or folder could not be read, in words. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return REASONS[code] ?? error.message;
};

/** The bytes of a file as UTF-8 text without a byte order mark. Throws a `Fault` when they are none. */
export const decodeText = (bytes: Uint8Array, file: string): string => {
  if (bytes.includes(0)) throw inventoryFault('inventory-syntax', 'this is a binary file, not text', file);
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes);
  } catch (cause) {
    if (cause instanceof TypeError) throw inventoryFault('inventory-syntax', 'the text is not UTF-8', file);
    throw cause;
  }
};

/** Reads a file of text, decrypted when the whole of it is a vault. Throws a `Fault` that names it. */
export const readText = async (file: string, passwords: readonly VaultPassword[]): Promise<string> => {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw inventoryFault('inventory-missing', `cannot read ${file}: ${reasonOf(error)}`, file);
  });
  const text = decodeText(bytes, file);
  return isVaulted(text) ? decryptVault(text, passwords, 'the file', file) : text;
};
