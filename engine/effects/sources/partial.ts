import {readFile, rm, stat} from 'node:fs/promises';
import {writeWhole} from '../files.ts';
import type {Store} from '../store/store.ts';
import {alone} from './alone.ts';

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

/** Works on the partial file of something, known by a text such as its address. See `alone`. */
export const withPartial = async <T>(
  store: Store,
  known: string,
  signal: AbortSignal,
  work: (partial: Partial) => Promise<T>,
): Promise<T> =>
  alone(store, known, signal, async (place) => {
    const partial = partialAt(`${place}.partial`);
    const result = await work(partial);
    // The file itself is in the store now.
    await partial.discard();
    return result;
  });
