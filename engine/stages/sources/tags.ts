import {compareBuild, satisfies, valid, validRange} from 'semver';
import {printableLine} from '../../model/printable.ts';

export type TagChoice = {tag: string; ignored: number} | {none: string};

const versionOf = (tag: string): string | null => valid(tag.replace(/^v/, ''));

/**
 * The tag of exactly this name, or the newest that a semver range allows, `v` before the numbers or not. Pre-releases count only
 * where the range names one of the same numbers; `ignored` counts tags that are no semantic versions.
 */
export const chooseTag = (tags: readonly string[], wanted: string): TagChoice => {
  if (tags.includes(wanted)) return {tag: wanted, ignored: 0};
  if (validRange(wanted) === null)
    return {
      none: `none of its ${String(tags.length)} tags is ${printableLine(wanted)}, which is no semver range either`,
    };
  const versions = tags.flatMap((tag) => {
    const version = versionOf(tag);
    return version === null ? [] : [{tag, version}];
  });
  const [newest] = versions
    .filter(({version}) => satisfies(version, wanted))
    .sort((a, b) => compareBuild(b.version, a.version) || (a.tag < b.tag ? -1 : 1));
  const ignored = tags.length - versions.length;
  if (newest) return {tag: newest.tag, ignored};
  return {
    none: `none of its ${String(tags.length)} tags meets ${printableLine(wanted)} (${String(ignored)} are no semantic versions)`,
  };
};

/** The names that a pattern with `*` matches; a name without one matches itself. */
export const matching = (names: readonly string[], pattern: string): readonly string[] => {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return names.filter((name) => expression.test(name));
};
