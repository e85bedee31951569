import {mkdir, readFile, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {digestOf, writeWhole} from '../files.ts';
import {storeFault} from '../store/faults.ts';
import {lock} from '../store/lock.ts';
import type {Store} from '../store/store.ts';

/** A file that is on its way into the store; it stays where it is when that is interrupted. */
export type Partial = {
  file: string;
  /** How many bytes of it are there. */
  size: () => Promise<number>;
  /** What its server said it was: a later part must be of the same. */
  validator: () => Promise<string | undefined>;
  keep: (validator: string | undefined) => Promise<void>;
  discard: () => Promise<void>;
};

const partialAt = (file: string): Partial => ({
  file,
  size: async () =>
    stat(file).then(
      ({size}) => size,
      () => 0,
    ),
  validator: async () => readFile(`${file}.validator`, 'utf8').catch(() => undefined),
  async keep(validator) {
    if (validator === undefined) await rm(`${file}.validator`, {force: true});
    else await writeWhole(`${file}.validator`, validator);
  },
  async discard() {
    for (const one of [file, `${file}.validator`]) await rm(one, {force: true});
  },
});

/**
 * Works on the partial file of something, known by a text such as its address; of many programs that want it, one at a time
 * does. It lies among the store's sources, so `collect` removes what nobody has gone on with.
 * @throws Fault `store-full`, `store-unwritable`; what `work` throws
 */
export const withPartial = async <T>(
  store: Store,
  known: string,
  signal: AbortSignal,
  work: (partial: Partial) => Promise<T>,
): Promise<T> => {
  const key = digestOf(known);
  try {
    for (const folder of ['sources', 'locks']) await mkdir(path.join(store.folder, folder), {recursive: true});
    const held = await lock(path.join(store.folder, 'locks', key), 'alone', {signal});
    try {
      return await work(partialAt(path.join(store.folder, 'sources', `${key}.partial`)));
    } finally {
      await held.release();
    }
  } catch (error) {
    throw await storeFault(error, store.folder);
  }
};
