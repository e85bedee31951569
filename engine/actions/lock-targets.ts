import {buildNames, loadBuild} from '../catalogue/builds.ts';
import {contentRoot} from '../catalogue/content-root.ts';
import {defaultStore, openStore} from '../effects/store/open-store.ts';
import type {SourceContext} from '../effects/sources/context.ts';
import type {SourceRequest} from '../stages/sources/lock.ts';
import {lockSources, type LockedName, type LockOptions} from './lock.ts';

export type {SourceProgress} from '../effects/sources/context.ts';

export type LockTargetsOptions = Pick<LockOptions, 'update' | 'fetch'> & {
  offline: boolean;
  /** Where the store is, if not where it always is. */
  store?: string;
  environment: Readonly<Record<string, string | undefined>>;
} & Pick<SourceContext, 'signal' | 'onProgress' | 'onNote'>;

const requestsOf = async (
  targets: readonly string[],
  root: string,
): Promise<Readonly<Record<string, SourceRequest>>> => {
  const builds = await Promise.all(targets.map(async (target) => loadBuild(target, {formats: []}, root)));
  return Object.fromEntries(builds.flatMap(({sources}) => Object.entries(sources)));
};

/**
 * Pins the sources of folders that can be built, or of all of them.
 * @throws what `loadBuild` and `lockSources` throw
 */
export const lockTargets = async (
  targets: readonly string[],
  {offline, store, environment, signal, onProgress, onNote, ...options}: LockTargetsOptions,
): Promise<readonly LockedName[]> => {
  const root = contentRoot();
  const all = targets.length === 0;
  return lockSources({
    ...options,
    requests: await requestsOf(all ? buildNames(root) : targets, root),
    all,
    root,
    store: openStore(store ?? defaultStore(environment)),
    context: {
      folder: root,
      environment,
      signal,
      offline,
      ...(onProgress === undefined ? {} : {onProgress}),
      ...(onNote === undefined ? {} : {onNote}),
    },
  });
};
