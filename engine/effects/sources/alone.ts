import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {digestOf} from '../files.ts';
import {storeFault} from '../store/faults.ts';
import {lock} from '../store/lock.ts';
import type {Store} from '../store/store.ts';

/**
 * Works on something that programs share, known by a text such as its address, while no other does. `place` is its own among
 * the store's sources, where `collect` removes what nobody has gone on with; give it an ending.
 * @throws Fault `store-full`, `store-unwritable`; what `work` throws
 */
export const alone = async <T>(
  store: Store,
  known: string,
  signal: AbortSignal,
  work: (place: string) => Promise<T>,
): Promise<T> => {
  const key = digestOf(known);
  try {
    for (const folder of ['sources', 'locks']) await mkdir(path.join(store.folder, folder), {recursive: true});
    const held = await lock(path.join(store.folder, 'locks', key), 'alone', {signal});
    try {
      return await work(path.join(store.folder, 'sources', key));
    } finally {
      await held.release();
    }
  } catch (error) {
    throw await storeFault(error, store.folder);
  }
};
