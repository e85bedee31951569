import {createHash, randomBytes} from 'node:crypto';
import {rename, rm, writeFile} from 'node:fs/promises';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';

/** The SHA-256 of a text, in hexadecimal digits. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Writes a file whole or not at all: beside its place under another name, then renamed; private to the user
 * unless another mode is given.
 * @throws Fault `cannot-write`
 */
export const writeWhole = async (file: string, text: string, mode = 0o600): Promise<void> => {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, text, {mode, flag: 'wx'});
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, {force: true}).catch(() => undefined);
    throw new Fault({
      code: 'cannot-write',
      owner: 'user',
      message: `cannot write ${file}: ${printableLine(cause instanceof Error ? cause.message : String(cause))}`,
      cause,
    });
  }
};
