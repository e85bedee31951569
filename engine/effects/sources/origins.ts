import type {LockedFile, LockedSource, SourceRequest} from '../../stages/sources/lock.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';
import {debianOrigin} from './debian.ts';
import {debianRootOrigin} from './debian-root.ts';
import {folderOrigin} from './folder.ts';
import {gitOrigin} from './git.ts';
import {urlOrigin} from './url.ts';

/** Loaded only where it is asked: GitHub's client takes as long to load as all else together. */
const githubOrigin = async () => (await import('./github.ts')).githubOrigin;

/** See `Origin.resolve`. */
export const resolveFrom = async (
  name: string,
  request: SourceRequest,
  store: Store,
  context: SourceContext,
): Promise<LockedSource> => {
  switch (request.from) {
    case 'github':
      return (await githubOrigin()).resolve(name, request, store, context);
    case 'debian-source':
    case 'debian-package':
      return debianOrigin.resolve(name, request, store, context);
    case 'debian-root':
      return debianRootOrigin.resolve(name, request, store, context);
    case 'url':
      return urlOrigin.resolve(name, request, store, context);
    case 'git':
      return gitOrigin.resolve(name, request, store, context);
    case 'folder':
      return folderOrigin.resolve(name, request, store, context);
  }
};

/** See `Origin.fetch`. */
export const fetchFrom = async (
  name: string,
  {request, version}: LockedSource,
  file: LockedFile,
  store: Store,
  context: SourceContext,
): Promise<string> => {
  const pinned = {file, version};
  switch (request.from) {
    case 'github':
      return (await githubOrigin()).fetch(name, request, pinned, store, context);
    case 'debian-source':
    case 'debian-package':
      return debianOrigin.fetch(name, request, pinned, store, context);
    case 'debian-root':
      return debianRootOrigin.fetch(name, request, pinned, store, context);
    case 'url':
      return urlOrigin.fetch(name, request, pinned, store, context);
    case 'git':
      return gitOrigin.fetch(name, request, pinned, store, context);
    case 'folder':
      return folderOrigin.fetch(name, request, pinned, store, context);
  }
};

/** Whether a source is packed anew each time, also when the store holds it, so that no change of it goes unseen. */
export const isAtHand = ({from}: SourceRequest): boolean => from === 'folder';
