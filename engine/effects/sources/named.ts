import {chmod, link, mkdir, rename, stat, utimes} from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import {canonical} from '../../model/canonical.ts';
import type {LockedFile, LockedSource} from '../../stages/sources/lock.ts';
import type {Store} from '../store/store.ts';
import {removeTree} from '../store/tree.ts';
import {alone} from './alone.ts';
import type {SourceContext} from './context.ts';
import {sourceFault} from './faults.ts';
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

/** See `fetchSource`. The files are links to those of the store, so the folder takes no room of its own. */
export const filesByName = async (
  name: string,
  locked: LockedSource,
  store: Store,
  context: SourceContext,
): Promise<string> => {
  const limit = pLimit(AT_ONCE);
  const files = await Promise.all(
    locked.files.map(async (file) =>
      limit(async () => ({name: file.name, from: await inStore(name, locked, file, store, context)})),
    ),
  );
  const known = canonical(locked.files.map((file) => [file.name, file.sha256]));
  return alone(store, known, context.signal, async (place) => {
    const folder = `${place}.files`;
    if (!(await holds(folder, files))) await linkAll(folder, files);
    // Looking at it keeps it from `collect`.
    await utimes(folder, new Date(), new Date());
    return folder;
  });
};
