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

const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', {fatal: true}).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** The number of the first line that is not UTF-8. */
const wrongLine = (bytes: Uint8Array): number => {
  let line = 1;
  for (let start = 0, end = 0; end >= 0; start = end + 1, line++) {
    end = bytes.indexOf(10, start);
    if (!isUtf8(bytes.subarray(start, end < 0 ? undefined : end))) return line;
  }
  return line;
};

/** The bytes of a file as UTF-8 text without a byte order mark. Throws a `Fault` when they are none. */
export const decodeText = (bytes: Uint8Array, file: string): string => {
  if (bytes.includes(0)) throw inventoryFault('inventory-syntax', 'this is a binary file, not text', file);
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  throw inventoryFault('inventory-syntax', 'the text is not UTF-8', `${file}:${String(wrongLine(bytes))}`);
};

/** Reads a file of text, decrypted when the whole of it is a vault. Throws a `Fault` that names it. */
export const readText = async (file: string, passwords: readonly VaultPassword[]): Promise<string> => {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw inventoryFault('inventory-missing', `cannot read ${file}: ${reasonOf(error)}`, file);
  });
  const text = decodeText(bytes, file);
  return isVaulted(text) ? decryptVault(text, passwords, 'the file', file) : text;
};
