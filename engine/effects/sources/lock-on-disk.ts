import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {formatLock, parseLock} from '../../stages/sources/lock-file.ts';
import type {LockedSource} from '../../stages/sources/lock.ts';
import {writeWhole} from '../files.ts';

/** It lies beside the content folders, and is committed with them. */
const NAME = 'sources.lock.json';

const isAbsent = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * The pinned sources of a project, by their names; none where there is no lock yet.
 * @throws Fault or Faults `sources-lock`
 */
export const readLock = async (root: string): Promise<Readonly<Record<string, LockedSource>>> => {
  const file = path.join(root, NAME);
  try {
    return parseLock(await readFile(file, 'utf8'), NAME).sources;
  } catch (cause) {
    if (isAbsent(cause)) return {};
    if (!(cause instanceof Error) || !('code' in cause) || cause instanceof Fault) throw cause;
    const message = `${NAME} cannot be read: ${printableLine(cause.message)}`;
    throw new Fault({code: 'sources-lock', owner: 'user', message, cause});
  }
};

/** Writes the lock, whole or not at all. @throws Fault `cannot-write` */
export const writeLock = async (root: string, sources: Readonly<Record<string, LockedSource>>): Promise<void> =>
  writeWhole(path.join(root, NAME), formatLock({sources}), 0o644);
