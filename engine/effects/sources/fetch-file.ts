import {Fault} from '../../model/fault.ts';
import type {LockedFile} from '../../stages/sources/lock.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';
import {download} from './download.ts';
import {staleLock} from './faults.ts';
import {withPartial, type Partial} from './partial.ts';

/** What goes with a request for an address of a pinned file. */
export type Credentials = (url: string) => {headers: Readonly<Record<string, string>>; authorization?: string};

const NONE: Credentials = () => ({headers: {}});

const isGone = ({code}: Fault): boolean => code === 'source-gone';

/** Not the file, but the way to it: another place may do. */
const isElsewhere = (error: unknown): error is Fault =>
  error instanceof Fault &&
  ['source-gone', 'source-unreachable', 'source-refused', 'source-answer'].includes(error.code);

/**
 * Brings a pinned file into the store from the first of its places that has it.
 * @throws Fault `stale-lock` where all of them say that it is gone; otherwise what the first other one said
 */
export const firstPlace = async (
  name: string,
  file: LockedFile,
  store: Store,
  context: SourceContext,
  get: (url: string, partial: Partial) => Promise<void>,
): Promise<string> =>
  withPartial(store, file.sha256, context.signal, async (partial) => {
    const told: Fault[] = [];
    for (const url of file.urls) {
      try {
        await get(url, partial);
        return await store.addSource(file.sha256, partial.file);
      } catch (error) {
        if (!isElsewhere(error)) throw error;
        told.push(error);
      }
    }
    throw told.find((error) => !isGone(error)) ?? staleLock(name, file.name);
  });

/** The same over https and http. */
export const fetchFile = async (
  name: string,
  file: LockedFile,
  store: Store,
  context: SourceContext,
  credentials = NONE,
): Promise<string> =>
  firstPlace(name, file, store, context, async (url, partial) => {
    const pinned = {size: file.size, sha256: file.sha256, pinned: true};
    await download({url, name: file.name, ...pinned, ...credentials(url)}, partial, context);
  });
