import type {Facts} from '../../facts/facts.ts';
import {printableLine} from '../../model/printable.ts';
import type {Block, Setting} from '../../model/setting.ts';
import {entriesOf} from '../../resources/file.ts';
import {splitId} from '../../resources/lookup.ts';

/** The path that goes with a setting; undefined where it stays. */
const goneWith = ({id, want}: Setting): string | undefined => {
  const {kind, rest} = splitId(id);
  return want === 'absent' && (kind === 'file' || kind === 'mount') ? rest : undefined;
};

/**
 * Folders that would go but hold what somebody else has put there since: they stay. `settings` in their order: what is in a
 * folder before the folder.
 */
export const filledFolders = (facts: Facts, settings: readonly Setting[]): readonly Block[] => {
  const gone = new Set(settings.flatMap((setting) => goneWith(setting) ?? []));
  return settings.flatMap((setting) => {
    const path = goneWith(setting);
    if (path === undefined) return [];
    const left = entriesOf(facts, path).find((name) => !gone.has(`${path}/${name}`));
    if (left === undefined) return [];
    gone.delete(path);
    return [
      {id: setting.id, reason: `the folder stays: ${printableLine(left, 100)} is in it, which the run did not make`},
    ];
  });
};
