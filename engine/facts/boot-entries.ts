import {compareVersions} from '../model/version.ts';
import type {Frames} from './frames.ts';
import {globPattern} from './glob.ts';

/** One entry of the Boot Loader Specification. */
export type LoaderEntry = {
  /** File name without `.conf` and without boot counters. */
  id: string;
  /** Its boot counter has run out: it is tried after all others. */
  bad?: true;
  /** A unified kernel image (type 2), whose fields are inside it. */
  unified?: true;
  path: string;
  version: string;
  sortKey: string;
  /** The kernel's image. */
  linux?: string;
  /** Undefined when the file could not be read. */
  options?: string;
};

const ENTRY = /\/([^/]+?)(?:\+(\d+)(?:-\d+)?)?\.(?:conf|efi)$/;

const field = (text: string, name: string): string =>
  [...text.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]+(.*)$`, 'gm'))].map(([, value = '']) => value.trim()).join(' ');

/** What a file's name tells: `debian-6.1+3-1.conf` has three tries left. */
const named = (path: string): Pick<LoaderEntry, 'id' | 'path' | 'bad'> => {
  const [, id = path, left] = ENTRY.exec(path) ?? [];
  return {id, path, ...(left !== undefined && Number(left) === 0 ? {bad: true} : {})};
};

/** Every type 1 entry that the probe found. */
export const loaderEntries = (frames: Frames, paths: readonly string[]): readonly LoaderEntry[] =>
  paths
    .filter((path) => /\/loader\/entries\/[^/]+\.conf$/.test(path))
    .map((path) => {
      const text = frames.files.get(path);
      if (text === undefined) return {...named(path), version: '', sortKey: ''};
      const [options, linux] = [field(text, 'options'), field(text, 'linux')];
      const fields = {version: field(text, 'version'), sortKey: field(text, 'sort-key'), options};
      return {...named(path), ...fields, ...(linux === '' ? {} : {linux})};
    });

/** Unified kernel images as entries. */
export const unifiedEntries = (paths: readonly string[]): readonly LoaderEntry[] =>
  paths.map((path) => ({...named(path), version: '', sortKey: '', unified: true}));

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

/**
 * systemd-boot's entry: the first of its menu that the earliest pattern with any match takes (`chosen`), else the first.
 */
export const systemdBootEntry = (
  entries: readonly LoaderEntry[],
  patterns: readonly string[],
): {entry?: LoaderEntry; chosen: boolean} => {
  // The order of the Boot Loader Specification, "Sorting": with a sort key before those without, then newest first.
  const sorted = [...entries].sort(
    (a, b) =>
      Number(a.bad ?? false) - Number(b.bad ?? false) ||
      Number(a.sortKey === '') - Number(b.sortKey === '') ||
      (a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0) ||
      compareVersions(b.version, a.version) ||
      compareVersions(b.id, a.id),
  );
  for (const pattern of patterns) {
    const glob = globPattern(pattern.toLowerCase().replace(/\.(?:conf|efi)$/, ''));
    const entry = sorted.find(({id}) => glob.test(id.toLowerCase()));
    if (entry) return {entry, chosen: true};
  }
  return {...(sorted[0] ? {entry: sorted[0]} : {}), chosen: false};
};
