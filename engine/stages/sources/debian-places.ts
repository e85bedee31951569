import {OFFICIAL, type AptSource} from './apt-sources.ts';

/** The archive that an index is of, as its Release file tells. */
export type Archive = {uri: string; origin: string; label: string; date: string};

const slashed = (uri: string): string => (uri.endsWith('/') ? uri : `${uri}/`);

const DAY_MS = 86_400_000;

/** `20250518T091611Z`; a day after the Release file, so that the dump which it names, the last one before, holds its files. */
const snapshotTime = (date: string): string | undefined => {
  const at = Date.parse(date);
  if (Number.isNaN(at)) return undefined;
  return new Date(at + DAY_MS).toISOString().replaceAll(/[-:]|\.\d+/g, '');
};

/** Without a password, which is its machine's own. */
const bare = (uri: string): string => {
  const url = URL.parse(uri);
  if (!url) return uri;
  [url.username, url.password] = ['', ''];
  return url.href;
};

/**
 * Where a file of a pool is and will be: in Debian's archive or whichever other it came from, then in the snapshots of Debian's
 * that keep what archives drop.
 */
export const placesOf = (path: string, {uri, origin, label, date}: Archive): readonly string[] => {
  if (origin !== 'Debian') return [`${slashed(bare(uri))}${path}`];
  const security = label === 'Debian-Security';
  const time = snapshotTime(date);
  const name = security ? 'debian-security' : 'debian';
  return [
    `${security ? OFFICIAL.security : OFFICIAL.main}${path}`,
    ...(time === undefined ? [] : [`https://snapshot.debian.org/archive/${name}/${time}/${path}`]),
  ];
};

const isSecurity = (suite: string): boolean => suite.endsWith('-security') || suite.endsWith('/updates');

/** The same places, this machine's own mirrors of Debian's archives before them. */
export const withMirrors = (urls: readonly string[], sources: readonly AptSource[]): readonly string[] => {
  const mirrored = urls.flatMap((url) =>
    (['main', 'security'] as const).flatMap((archive) =>
      url.startsWith(OFFICIAL[archive])
        ? sources
            .filter(({suites}) => suites.some((suite) => isSecurity(suite) === (archive === 'security')))
            .flatMap(({uris}) => uris.map((uri) => slashed(uri) + url.slice(OFFICIAL[archive].length)))
        : [],
    ),
  );
  return [...new Set([...mirrored, ...urls])];
};
