import type {Frames} from './frames.ts';

/**
 * Where configuration such as sysctl.d is looked for, in order of precedence (CONF_PATHS of systemd, the same in kmod);
 * /lib is a folder of its own only before usr-merge.
 */
export const directoriesOf = (name: string): readonly string[] =>
  ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((path) => `${path}/${name}`);

/**
 * The files of a configuration that is merged from several directories, in the order in which they are read: by name
 * over all directories, where a name in an earlier directory hides those in later ones, also when that file is empty or
 * leads to /dev/null (sysctl.d(5), modprobe.d(5), modules-load.d(5)).
 */
export const mergedFiles = (paths: readonly string[], directories: readonly string[]): readonly string[] => {
  const byName = new Map<string, string>();
  for (const directory of directories) {
    for (const path of paths) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (path === `${directory}/${name}` && !byName.has(name)) byName.set(name, path);
    }
  }
  return [...byName.keys()].sort().map((name) => byName.get(name) ?? '');
};

/** One line of a file: `at` is `/path:line`. */
export type Line = {at: string; text: string};

/** A file's lines with their places; none when it was not read. Empty lines stand for those the probe left out. */
export const linesOf = (frames: Frames, path: string): readonly Line[] => {
  const text = frames.files.get(path);
  return text === undefined
    ? []
    : text.split('\n').map((line, index) => ({at: `${path}:${String(index + 1)}`, text: line}));
};

/** A word list for the probe's functions: every pattern quoted. */
export const quotedPatterns = (patterns: readonly string[]): string =>
  patterns.map((pattern) => `'${pattern}'`).join(' ');
