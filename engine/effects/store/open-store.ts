import {randomUUID} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, readdir, stat, utimes} from 'node:fs/promises';
import path from 'node:path';
import {collectDrafts, collectUnused} from './collect.ts';
import {storeFault} from './faults.ts';
import {lock} from './lock.ts';
import {findOutput, latestRecord, makeOutput, markUsed} from './outputs.ts';
import {places, type Places} from './places.ts';
import {findSource, takeSource} from './source-files.ts';
import type {Store} from './store.ts';
import {removeTree, treeBytes} from './tree.ts';

/** Where the store is unless told otherwise. */
export const defaultStore = (environment: NodeJS.ProcessEnv): string => {
  const cache = environment['XDG_CACHE_HOME'];
  const home = environment['HOME'] ?? '/root';
  return path.join(cache !== undefined && path.isAbsolute(cache) ? cache : path.join(home, '.cache'), 'linerate/store');
};

const prepare = async (at: Places): Promise<void> => {
  for (const folder of [at.stages, at.sources, at.drafts, at.locks, at.latest, at.failed])
    await mkdir(folder, {recursive: true});
};

const listOutputs = async (at: Places) => {
  const ids = existsSync(at.stages) ? await readdir(at.stages) : [];
  const found = await Promise.all(
    ids.map(async (id) => {
      const stored = await findOutput(at, id);
      if (!stored) return [];
      const folder = at.stage(id);
      return [{...stored, usedMs: (await stat(folder)).mtimeMs, bytes: await treeBytes(folder)}];
    }),
  );
  return found.flat().sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
};

/** The store in a folder, which is made when something is to be put into it. */
export const openStore = (given: string): Store => {
  const folder = path.resolve(given);
  const at = places(folder);
  const later = new Set<Promise<void>>();
  const writable = async (): Promise<void> => {
    await prepare(at).catch(async (error: unknown) => {
      throw await storeFault(error, folder);
    });
  };
  return {
    folder,
    async find(id) {
      const stored = await findOutput(at, id);
      if (stored) await markUsed(at, id);
      return stored;
    },
    async make(id, record, work, options = {}) {
      await writable();
      return makeOutput(at, id, record, work, {...options, store: folder, later: (promise) => void later.add(promise)});
    },
    logOf: (name) => at.failedLog(name),
    lastOf: async (name) => latestRecord(at, name),
    async source(digest) {
      const file = await findSource(at, digest);
      const now = new Date();
      if (file !== undefined) await utimes(file, now, now).catch(() => undefined);
      return file;
    },
    async addSource(digest, file) {
      await writable();
      return takeSource(at, digest, file).catch(async (error: unknown) => {
        throw await storeFault(error, folder);
      });
    },
    async hold(signal) {
      await writable();
      const held = await lock(at.busy, 'shared', {signal});
      await collectDrafts(at);
      return async () => {
        await Promise.all(later);
        await held.release();
      };
    },
    async aside(kind) {
      await writable();
      const name = `${kind}-${randomUUID()}`;
      const held = await lock(at.lock(name), 'alone');
      const place = path.join(at.drafts, name);
      await mkdir(place);
      return {
        folder: place,
        async remove() {
          await removeTree(place);
          await held.release();
        },
      };
    },
    list: async () => listOutputs(at),
    async collect(unusedDays) {
      await writable();
      return collectUnused(at, folder, unusedDays);
    },
  };
};
