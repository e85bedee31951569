import type {SettingId} from '../model/setting.ts';
import type {Frames} from './frames.ts';

const NAME = 'own-unpersisted';

/**
 * Reads which settings runs of this boot have confirmed, and were to make last and did not: the host keeps a list of those
 * runs (`engine/plan/run/library-journal.ts`), whose records name the settings. Almost always there is no such list.
 */
export const UNPERSISTED_SCRIPT = String.raw`if [ -z "$R" ] && [ -r /run/linerate/unpersisted ]; then
  set --
  while read -r p; do set -- "$@" "/run/linerate/$p/run.json" "/var/lib/linerate/runs/$p/run.json"; done </run/linerate/unpersisted
  say ${NAME} "$(grep -ohsE '"(carries|more)":\[("([^"\\]|\\.)*",?)*\]' -- "$@" /dev/null)"
fi`;

const idsIn = (line: string): readonly SettingId[] => {
  try {
    const ids: unknown = JSON.parse(line.slice(line.indexOf('[')));
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
};

/** Settings that hold their values now, were to last, and are in no file by anybody's word. */
export const unpersistedIn = (frames: Frames): readonly SettingId[] => {
  const output = frames.runs.get(NAME)?.output ?? '';
  return [...new Set(output.split('\n').flatMap(idsIn))].sort();
};
