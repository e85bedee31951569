import {mergedFiles} from '../../facts/merged-files.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Services} from '../../facts/services.ts';
import {switchOf} from '../values.ts';

export type File = Services['files'][number];

/** A value that a file gives an attribute of some NICs whenever the host boots. */
export type Persisted = {
  /** As in a setting's id: `ring.rx`. */
  attribute: string;
  value: string;
  /** `/path:line`. */
  at: string;
  takes: (nic: Nic) => boolean;
};

export const unquoted = (value: string): string => value.trim().replaceAll(/^["']|["']$/g, '');

/** Files in the order in which they are read: by name, and of equal names only the one of the first directory. */
export const inOrder = (files: readonly File[], directories: readonly string[]): readonly File[] => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return mergedFiles([...byPath.keys()], directories).flatMap((path) => byPath.get(path) ?? []);
};

/** A value in the words of settings: `yes` and `1` of a switch are `on`. */
export const spoken = (attribute: string, value: string): string => {
  const bare = unquoted(value);
  const isSwitch = /^(?:feature|pause|private|threaded|coalesce\.(?:adaptive|cqe))/.test(attribute);
  return (isSwitch ? switchOf(bare) : undefined) ?? bare.toLowerCase();
};
