import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, open, readFile, readlink, rename, rm, symlink, utimes, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import type {Digest, StageRecord} from '../../stages/stage.ts';
import {storeFault} from './faults.ts';
import {lock} from './lock.ts';
import type {Places} from './places.ts';
import type {Draft, MakeOptions, Stored} from './store.ts';
import {makeReadOnly, removeTree} from './tree.ts';

/** What lies beside an output; `boot` is the machine's boot in which it was made. */
type Kept = {record: StageRecord; tookMs: number; boot: string};

const bootId = async (): Promise<string> => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();

/** Says that an output was brought to the disk: before that, a machine that loses its power may leave empty files. */
const SYNCED = 'synced';

const syncFile = promisify(execFile);

const bringToDisk = async (folder: string): Promise<void> => {
  try {
    await syncFile('sync', ['-f', folder]);
    await (await open(path.join(folder, SYNCED), 'w')).close();
  } catch {
    // Without the mark it counts until the machine boots anew, and is made once more then.
  }
};

const isThere = async (file: string): Promise<boolean> =>
  open(file).then(
    async (handle) => handle.close().then(() => true),
    () => false,
  );

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && 'record' in value && 'tookMs' in value && 'boot' in value;

const readKept = async (folder: string): Promise<Kept | undefined> => {
  try {
    const kept: unknown = JSON.parse(await readFile(path.join(folder, 'record.json'), 'utf8'));
    return isKept(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
};

const storedOf = (id: Digest, folder: string, {record, tookMs}: Kept): Stored => ({
  id,
  folder: path.join(folder, 'out'),
  record,
  log: path.join(folder, 'log'),
  tookMs,
});

/** An output that is whole. */
export const findOutput = async (at: Places, id: Digest): Promise<Stored | undefined> => {
  const folder = at.stage(id);
  const kept = await readKept(folder);
  if (!kept || (kept.boot !== (await bootId()) && !(await isThere(path.join(folder, SYNCED))))) return undefined;
  return storedOf(id, folder, kept);
};

/** Keeps an output from `collect`; where the store is read-only, nothing is collected either. */
export const markUsed = async (at: Places, id: Digest): Promise<void> => {
  const now = new Date();
  await utimes(at.stage(id), now, now).catch(() => undefined);
};

/** Points to the newest output of a stage's name. */
const linkLatest = async (at: Places, name: string, id: Digest): Promise<void> => {
  const link = at.latestOf(name);
  const fresh = `${link}.${id}`;
  await rm(fresh, {force: true});
  await symlink(path.relative(at.latest, at.stage(id)), fresh);
  await rename(fresh, link);
};

export const latestRecord = async (at: Places, name: string): Promise<StageRecord | undefined> => {
  const link = await readlink(at.latestOf(name)).catch(() => undefined);
  if (link === undefined) return undefined;
  return (await readKept(path.resolve(at.latest, link)))?.record;
};

const draftIn = async (at: Places, id: Digest): Promise<{folder: string; draft: Draft}> => {
  // Whoever finds this folder can tell by the lock of its id whether somebody still makes it.
  const folder = await mkdtemp(path.join(at.drafts, `${id}-`));
  const draft = {
    out: path.join(folder, 'out'),
    scratch: path.join(folder, 'scratch'),
    files: path.join(folder, 'files'),
    log: path.join(folder, 'log'),
  };
  for (const part of [draft.out, draft.scratch, draft.files]) await mkdir(part);
  await writeFile(draft.log, '');
  return {folder, draft};
};

const complete = async (at: Places, id: Digest, folder: string, kept: Kept): Promise<void> => {
  for (const part of ['scratch', 'files']) await removeTree(path.join(folder, part));
  await makeReadOnly(path.join(folder, 'out'));
  await writeFile(path.join(folder, 'record.json'), `${JSON.stringify(kept, undefined, 2)}\n`);
  // What a power loss spoiled may lie there still.
  await removeTree(at.stage(id));
  await rename(folder, at.stage(id));
  await linkLatest(at, kept.record.name, id);
  await rm(at.failedLog(kept.record.name), {force: true});
};

const makeLocked = async (
  at: Places,
  id: Digest,
  record: StageRecord,
  work: (draft: Draft) => Promise<void>,
): Promise<Stored> => {
  const began = performance.now();
  const {folder, draft} = await draftIn(at, id);
  try {
    await work(draft);
    const kept = {record, tookMs: Math.round(performance.now() - began), boot: await bootId()};
    await complete(at, id, folder, kept);
    return storedOf(id, at.stage(id), kept);
  } catch (error) {
    await rename(draft.log, at.failedLog(record.name)).catch(() => undefined);
    await removeTree(folder).catch(() => undefined);
    throw error;
  }
};

/** See `Store.make`; `later` is told what still has to be waited for. */
export const makeOutput = async (
  at: Places,
  id: Digest,
  record: StageRecord,
  work: (draft: Draft) => Promise<void>,
  options: MakeOptions & {store: string; later: (work: Promise<void>) => void},
): Promise<Stored> => {
  try {
    const held = await lock(at.lock(id), 'alone', options);
    try {
      const meanwhile = await findOutput(at, id);
      if (meanwhile) return meanwhile;
      const stored = await makeLocked(at, id, record, work);
      options.later(bringToDisk(at.stage(id)));
      return stored;
    } finally {
      await held.release();
    }
  } catch (error) {
    throw await storeFault(error, options.store);
  }
};
