import type {Change, Step} from '../../model/change.ts';
import {shellJoin} from '../../model/shell.ts';
import {keptFiles, type RunSpec, writesDisk} from './spec.ts';

/** The folders that lead to a path, the nearest first, without the root. */
const above = (path: string): readonly string[] => {
  const folder = path.slice(0, path.lastIndexOf('/'));
  return folder === '' ? [] : [folder, ...above(folder)];
};

const UNITS = '/etc/systemd/system';

const programOf = (step: Step): string | undefined => (step.do === 'run' ? step.argv[0] : undefined);

/** systemctl makes and removes links, and syncs nothing. */
const LINKS = `sync ${UNITS} ${UNITS}/*.wants ${UNITS}/*.requires`;

// Where programs of packages and boot loaders write, and only there: another file system may hang.
const SYSTEM = `set --
for place in / /usr /var /boot /boot/efi /efi; do [ ! -d "$place" ] || set -- "$@" "$place"; done
sync -f "$@" || sync`;

// They act upon what runs, or upon folders, which are synced with what is in them.
const KNOWN = new Set(['ethtool', 'mkdir', 'modprobe', 'rmdir', 'service', 'systemctl']);

const writesByItself = ({steps}: Change): boolean =>
  steps.some((step) => {
    const program = programOf(step);
    return step.do === 'packages' || (program !== undefined && !KNOWN.has(program));
  });

/**
 * Commands that have all that a run may have written outside its journal on disk, when they end: a file is there after a
 * power cut only when itself and the folder that names it were synced (fsync(2)). Of what other programs write the files'
 * names are not known, so that whole file systems are synced.
 */
export const syncs = (run: RunSpec): readonly string[] => {
  const files = keptFiles(run);
  const onDisk = [...run.changes.filter(writesDisk), ...run.lasting];
  const linked = onDisk.some(({steps}) => steps.some((step) => programOf(step) === 'systemctl'));
  return [
    ...(files.length === 0 ? [] : [shellJoin(['sync', ...files, ...new Set(files.flatMap(above))])]),
    ...(linked ? [LINKS] : []),
    ...(onDisk.some(writesByItself) ? [SYSTEM] : []),
  ];
};
