import {compareVersions} from '../model/version.ts';
import type {Frames} from './frames.ts';
import {globPattern} from './glob.ts';

/** One type 1 entry of the Boot Loader Specification. */
export type LoaderEntry = {
  /** File name without `.conf` and without boot counters. */
  id: string;
  path: string;
  version: string;
  sortKey: string;
  /** Undefined when the file could not be read. */
  options?: string;
};

const ENTRY = /\/loader\/entries\/([^/]+?)(?:\+\d+(?:-\d+)?)?\.conf$/;

const field = (text: string, name: string): string =>
  [...text.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]+(.*)$`, 'gm'))].map(([, value = '']) => value.trim()).join(' ');

/** Every entry that the probe found. */
export const loaderEntries = (frames: Frames, paths: readonly string[]): readonly LoaderEntry[] =>
  paths.flatMap((path) => {
    const id = ENTRY.exec(path)?.[1];
    if (id === undefined) return [];
    const text = frames.files.get(path);
    if (text === undefined) return [{id, path, version: '', sortKey: ''}];
    const options = field(text, 'options');
    return [{id, path, version: field(text, 'version'), sortKey: field(text, 'sort-key'), options}];
  });

/** GRUB's blscfg: newest file name first; a saved entry by id or place (grub-core/commands/blscfg.c of Fedora). */
export const grubLoaderEntry = (entries: readonly LoaderEntry[], choice: string): LoaderEntry | undefined => {
  const sorted = [...entries].sort((a, b) => compareVersions(b.id, a.id));
  return (
    sorted.find(({id}) => id === choice.replace(/\.conf$/, '')) ?? sorted[/^\d+$/.test(choice) ? Number(choice) : 0]
  );
};

/** OSTree's deployments: the highest version is started. */
export const ostreeEntry = (entries: readonly LoaderEntry[]): LoaderEntry | undefined =>
  [...entries].sort((a, b) => compareVersions(b.version, a.version))[0];

/** systemd-boot: the newest entry that loader.conf's `default` pattern matches, else the first of its menu. */
export const systemdBootEntry = (entries: readonly LoaderEntry[], pattern: string): LoaderEntry | undefined => {
  // The order of the Boot Loader Specification, "Sorting": with a sort key before those without, then newest first.
  const sorted = [...entries].sort(
    (a, b) =>
      Number(a.sortKey === '') - Number(b.sortKey === '') ||
      (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0) ||
      compareVersions(b.version, a.version) ||
      compareVersions(b.id, a.id),
  );
  const glob = pattern === '' ? undefined : globPattern(pattern.replace(/\.conf$/, ''));
  return (glob && sorted.find(({id}) => glob.test(id))) ?? sorted[0];
};
