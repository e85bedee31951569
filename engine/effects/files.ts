import {createHash, randomBytes} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {rename, rm, writeFile} from 'node:fs/promises';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';

/** The SHA-256 of a text, in hexadecimal digits. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The SHA-256 of a file's bytes, in hexadecimal digits. Throws what reading it throws. */
export const digestOfFile = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file, {highWaterMark: 1024 * 1024});
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};

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
