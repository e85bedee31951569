import {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';
import type {PackageDefinition} from './definition.ts';
import type {Release} from './releases.ts';

/**
 * How an upstream version becomes a package's, as pairs of what is found and what stands there then; in the syntax that
 * JavaScript and `sed -E` share. Only `~` sorts before the end of a version, in both schemes, and neither takes `_` and `-`.
 */
const RULES: readonly (readonly [string, string])[] = [
  ['^v([0-9])', '\\1'],
  ['[-._]?(alpha|beta|pre|rc)[-.]?([0-9])', '~\\1\\2'],
  ['[-_]', '.'],
];

const ALLOWED = /^\d[A-Za-z0-9.+~]*$/;

/**
 * `6.13-rc1` → `6.13~rc1`: an upstream version as DEB and RPM order it rightly.
 * @throws Fault `package-version` where it holds what neither scheme takes
 */
export const packageVersion = (upstream: string): string => {
  const version = RULES.reduce(
    (text, [found, becomes]) => text.replace(new RegExp(found, 'g'), becomes.replaceAll('\\', '$')),
    upstream,
  );
  if (ALLOWED.test(version)) return version;
  throw new Fault({
    code: 'package-version',
    owner: 'user',
    message: `"${printable(upstream)}" cannot be a package's version`,
    hint: 'a version begins with a digit and holds letters, digits, dots and + only',
  });
};

/** The same as a filter of a stage's script. */
export const VERSION_FILTER = `sed -E ${RULES.map(([found, becomes]) => `-e 's/${found}/${becomes}/g'`).join(' ')}`;

/** The release with the mark of what it is for: `1.el9`, `1+deb12`. */
export const markedRelease = ({release}: Pick<PackageDefinition, 'release'>, {mark}: Release): string =>
  `${String(release)}${mark}`;
