import {chmod, link, mkdir, rename, stat, utimes} from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import {canonical} from '../../model/canonical.ts';
import type {LockedFile, LockedSource} from '../../stages/sources/lock.ts';
import type {Store} from '../store/store.ts';
import {removeTree} from '../store/tree.ts';
import {alone} from './alone.ts';
import type {SourceContext} from './context.ts';
import {interruptedBy, sourceFault} from './faults.ts';
import {fetchFrom, isAtHand} from './origins.ts';

/** More connections at once are unkind to a server, and no quicker. */
const AT_ONCE = 4;

const offlineFault = (name: string, file: LockedFile): Error =>
  sourceFault('source-offline', `${file.name} of ${name} is not in the store, and nothing is fetched with --offline`, {
    hint: 'run the same without --offline once',
  });

/** Where a pinned file lies in the store; it is fetched where the store lacks it. */
const inStore = async (
  name: string,
  locked: LockedSource,
  file: LockedFile,
  store: Store,
  context: SourceContext,
): Promise<string> => {
  const atHand = isAtHand(locked.request);
  const there = atHand ? undefined : await store.source(file.sha256);
  if (there !== undefined) return there;
  if (context.offline === true && !atHand) throw offlineFault(name, file);
  return fetchFrom(name, locked, file, store, context);
};

type Placed = {name: string; from: string};

const holds = async (folder: string, files: readonly Placed[]): Promise<boolean> => {
  const inodeOf = async (file: string): Promise<number | undefined> =>
    stat(file).then(
      ({ino}) => ino,
      () => undefined,
    );
  for (const {name, from} of files)
    if ((await inodeOf(path.join(folder, name))) !== (await inodeOf(from))) return false;
  return true;
};

const linkAll = async (folder: string, files: readonly Placed[]): Promise<void> => {
  const draft = `${folder}.draft`;
  for (const old of [draft, folder]) await removeTree(old);
  await mkdir(draft, {recursive: true});
  for (const {name, from} of files) await link(from, path.join(draft, name));
  await chmod(draft, 0o555);
  await rename(draft, folder);
};

/** All files of a source; the first that cannot be had ends the others, which keep what they have. */
const allInStore = async (
  name: string,
  locked: LockedSource,
  store: Store,
  context: SourceContext,
): Promise<readonly Placed[]> => {
  const limit = pLimit(AT_ONCE);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const failures: unknown[] = [];
  const work = locked.files.map(async (file) =>
    limit(async () => {
      try {
        signal.throwIfAborted();
        return {name: file.name, from: await inStore(name, locked, file, store, {...context, signal})};
      } catch (error) {
        failures.push(error);
        stop.abort();
        throw error;
      }
    }),
  );
  await Promise.allSettled(work);
  if (context.signal.aborted) throw interruptedBy(context.signal);
  if (failures.length > 0) throw failures[0];
  return Promise.all(work);
};

/** See `fetchSource`. The files are links to those of the store, so the folder takes no room of its own. */
export const filesByName = async (
  name: string,
  locked: LockedSource,
  store: Store,
  context: SourceContext,
): Promise<string> => {
  const files = await allInStore(name, locked, store, context);
  const known = canonical(locked.files.map((file) => [file.name, file.sha256]));
  return alone(store, known, context.signal, async (place) => {
    const folder = `${place}.files`;
    if (!(await holds(folder, files))) await linkAll(folder, files);
    // Looking at it keeps it from `collect`.
    await utimes(folder, new Date(), new Date());
    return folder;
  });
};
