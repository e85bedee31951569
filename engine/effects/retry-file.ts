import {access, constants, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import {writeWhole} from './files.ts';

/**
 * Sees, before anything else is done, that a retry file can be written.
 * @throws Fault `cannot-write`
 */
export const demandRetryFile = async (file: string): Promise<void> => {
  const folder = path.dirname(path.resolve(file));
  const isFolder = (await stat(file).catch(() => undefined))?.isDirectory() === true;
  const isWritable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable && !isFolder) return;
  throw new Fault({
    code: 'cannot-write',
    owner: 'user',
    message: `cannot write --retry-file ${printable(file)}: ${isFolder ? 'it is a folder' : `${printable(folder)} is not there, or not writable`}`,
  });
};

/**
 * Writes the hosts to try again, one a line, as `--limit @FILE` reads them; without any the file of an earlier try goes away.
 * @throws Fault `cannot-write`
 */
export const writeRetryFile = async (file: string, hosts: readonly string[]): Promise<void> => {
  if (hosts.length === 0) await rm(file, {force: true});
  else await writeWhole(file, `${hosts.join('\n')}\n`, 0o644);
};
