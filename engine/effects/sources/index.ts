import {Fault} from '../../model/fault.ts';
import type {LockedSource, SourceRequest} from '../../stages/sources/lock.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';
import {filesByName} from './named.ts';
import {resolveFrom} from './origins.ts';

/** Of many sources at once each fault tells which one it is about. */
const about = async <T>(name: string, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'interrupted' || error.message.includes(name)) throw error;
    const {code, owner, hint} = error;
    throw new Fault({
      code,
      owner,
      message: `${name}: ${error.message}`,
      ...(hint === undefined ? {} : {hint}),
      cause: error.cause,
    });
  }
};

/**
 * What a request stands for now: its version, and its files with their digests. Files that had to be fetched for that are in
 * the store afterwards.
 * @throws Fault `source-…`, `wrong-digest`, `missing-tool`; nothing is left but what a next attempt goes on with
 */
export const resolveSource = async (
  name: string,
  request: SourceRequest,
  store: Store,
  context: SourceContext,
): Promise<LockedSource> => about(name, resolveFrom(name, request, store, context));

/**
 * The folder, inside the store, that holds a pinned source's files by their names; never to be written to. What the store
 * lacks is fetched, and verified before it counts.
 * @throws Fault `stale-lock`, `wrong-digest`, `source-…`, `store-full`
 */
export const fetchSource = async (
  name: string,
  locked: LockedSource,
  store: Store,
  context: SourceContext,
): Promise<string> => about(name, filesByName(name, locked, store, context));
