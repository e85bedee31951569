import {canonical} from '../../model/canonical.ts';
import type {LockedSource, SourceRequest} from './lock.ts';

/** What a lock says of a source, and what a resolution of the same request says now. */
export type Relocked = {
  state: 'kept' | 'pinned' | 'updated' | 'dropped';
  before?: LockedSource;
  after?: LockedSource;
};

/** Whether a lock answers a request: the same one was resolved to it. */
export const answers = (locked: LockedSource | undefined, request: SourceRequest): locked is LockedSource =>
  locked !== undefined && canonical(locked.request) === canonical(request);

const content = ({files}: LockedSource): string => canonical(files.map(({name, sha256}) => [name, sha256]));

export const relocked = (before: LockedSource | undefined, after: LockedSource): Relocked => {
  if (!before) return {state: 'pinned', after};
  const same = before.version === after.version && content(before) === content(after);
  return {state: same ? 'kept' : 'updated', before, after};
};

const RELEASED: ReadonlySet<SourceRequest['from']> = new Set(['github', 'debian-source', 'debian-package']);

/**
 * The file of a released version whose bytes are no longer those that were pinned. What was released does not change: somebody
 * has moved a tag or put another file in its place.
 */
export const replacedFile = (
  before: LockedSource | undefined,
  after: LockedSource,
): {name: string; before: string; after: string} | undefined => {
  if (!before || before.version !== after.version || !RELEASED.has(after.request.from)) return undefined;
  const old = new Map(before.files.map(({name, sha256}) => [name, sha256]));
  for (const {name, sha256} of after.files) {
    const was = old.get(name);
    if (was !== undefined && was !== sha256) return {name, before: was, after: sha256};
  }
  return undefined;
};
