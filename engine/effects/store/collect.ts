import {readdir, readlink, rename, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';
import {tryLock} from './lock.ts';
import type {Places} from './places.ts';
import {removeTree, treeBytes} from './tree.ts';

const DAY = 86_400_000;

type Freed = {removed: number; bytes: number};

const sum = (all: readonly Freed[]): Freed => ({
  removed: all.reduce((total, {removed}) => total + removed, 0),
  bytes: all.reduce((total, {bytes}) => total + bytes, 0),
});

const NOTHING: Freed = {removed: 0, bytes: 0};

const removed = async (file: string): Promise<Freed> => {
  const bytes = await treeBytes(file);
  await removeTree(file);
  return {removed: 1, bytes};
};

/** What lies in a folder and was not used since `before`, in milliseconds since 1970. */
const collectOld = async (
  folder: string,
  before: number,
  remove: (file: string) => Promise<Freed> = removed,
): Promise<Freed> => {
  const freed: Freed[] = [];
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if ((await stat(file)).mtimeMs < before) freed.push(await remove(file));
  }
  return sum(freed);
};

/** What is locked while a draft is being made: an output's id, or the draft's own name. */
const lockOf = (draft: string): string => /^([0-9a-f]{64})(?:-.*)?$/.exec(draft)?.[1] ?? draft;

/** The drafts that nobody makes any more: the lock of their id is free. */
export const collectDrafts = async (at: Places): Promise<Freed> => {
  const freed: Freed[] = [];
  for (const name of await readdir(at.drafts)) {
    const held = await tryLock(at.lock(lockOf(name)), 'alone');
    if (!held) continue;
    try {
      freed.push({...(await removed(path.join(at.drafts, name))), removed: 0});
    } finally {
      await held.release();
    }
  }
  return sum(freed);
};

const dropDanglingLinks = async (at: Places): Promise<void> => {
  for (const name of await readdir(at.latest)) {
    const link = path.join(at.latest, name);
    const target = path.resolve(at.latest, await readlink(link));
    if ((await stat(target).catch(() => undefined)) === undefined) await rm(link, {force: true});
  }
};

const busy = (store: string): Fault =>
  new Fault({
    code: 'store-busy',
    owner: 'user',
    message: `a build is using the store ${printable(store)}`,
    hint: 'try again once it is done',
  });

/** See `Store.collect`. */
export const collectUnused = async (at: Places, store: string, unusedDays: number): Promise<Freed> => {
  const alone = await tryLock(at.busy, 'alone');
  if (!alone) throw busy(store);
  try {
    const before = Date.now() - unusedDays * DAY;
    // An output leaves its place at once: what is half removed never counts as whole.
    const moveAway = async (file: string): Promise<Freed> => {
      const away = path.join(at.drafts, path.basename(file));
      await rename(file, away);
      return removed(away);
    };
    const freed = [await collectOld(at.stages, before, moveAway), await collectOld(at.sources, before)];
    await collectOld(at.failed, before);
    // Who waits for one of these makes its file anew; what two then make at once is the same.
    await collectOld(at.locks, before, async (file) => (file === at.busy ? NOTHING : removed(file)));
    freed.push(await collectDrafts(at));
    await dropDanglingLinks(at);
    return sum(freed);
  } finally {
    await alone.release();
  }
};
