import type {Change} from '../../model/change.ts';
import {splitId} from '../../resources/lookup.ts';

/** What these kinds hold once a package has taken theirs along: its files, its users, and units that no longer are. */
const GONE: ReadonlyMap<string, string> = new Map([
  ['file', 'absent'],
  ['user', 'absent'],
  ['group', 'absent'],
  ['service', 'stopped'],
]);

const takesAway = ({id, after}: Pick<Change, 'id' | 'after'>): boolean =>
  splitId(id).kind === 'package' && (after === 'absent' || after === 'removed');

type Found = {id: string; found: string};

/**
 * Whether what a rollback found is all the same as it ought to be: a later phase's file went back to its package's own text,
 * which then went with the package of an earlier phase. `changes` are the rollback's in their order. Only what came before
 * the last package that goes can have gone with one.
 */
export const goesWithPackages = (changes: readonly Pick<Change, 'id' | 'after'>[]): ((found: Found) => boolean) => {
  const before = new Set(changes.slice(0, changes.findLastIndex(takesAway) + 1).map(({id}) => id));
  return ({id, found}) => before.has(id) && GONE.get(splitId(id).kind) === found;
};
