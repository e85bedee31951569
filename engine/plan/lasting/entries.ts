import {commentOf} from './lasting-file.ts';
import type {Contribution} from './contributions.ts';

/** One value of a file, with the reason that stands above it. */
export type Entry = {key: string; value: string; comment: string};

type Keyed = Contribution<'sysctl' | 'host' | 'nic'>;

export const entryOf = ({setting, lasting}: Keyed): Entry => ({
  key: lasting.key,
  value: lasting.value,
  comment: commentOf(setting),
});

/** The comment that a line (counted from 1) of a file stands below: several lines may share one. */
export const commentAbove = (lines: readonly string[], line: number): string => {
  for (let index = line - 2; index >= 0; index--) {
    const text = lines[index] ?? '';
    if (text.startsWith('# ')) return text.slice(2);
    if (!text.includes(' = ')) break;
  }
  return '';
};

/**
 * What a file shall hold: what the plan gives, and what linerate put there before and no plan has asked for otherwise since.
 * A sheet may ask for a value only while the host does not hold it, so a value that no plan mentions is no value to take
 * away. In the order of their keys.
 */
export const withKept = (given: readonly Entry[], before: readonly Entry[]): readonly Entry[] => {
  const keys = new Set(given.map(({key}) => key));
  const all = [...given, ...before.filter(({key}) => !keys.has(key))];
  return all.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
};

/** Each entry with its comment, or null where that is none or the one of the entry before. */
export const told = (entries: readonly Entry[]): readonly {key: string; value: string; comment: string | null}[] =>
  entries.map(({key, value, comment}, index) => ({
    key,
    value,
    comment: comment === '' || comment === entries[index - 1]?.comment ? null : comment,
  }));
