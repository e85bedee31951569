/**
 * What a package shall be. `removed`: not installed, though its configuration may stay; `absent`: nothing of it is left.
 * Several versions stand side by side only of what RPM installs beside the older one (kernels).
 */
export type PackageWant = 'present' | 'removed' | 'absent' | {versions: readonly string[]; sha256?: string};

const VERSION = String.raw`(?:\d+:)?[0-9A-Za-z][\w.+~^-]*`;
const VERSIONS = new RegExp(`^${VERSION}(?: ${VERSION})*$`);
const LOCAL = new RegExp(`^(${VERSION}) sha256:([0-9a-f]{64})$`);

/** dpkg's states of a package that it left half-way (dpkg(1), "Package states"). */
const BROKEN = /^(?:half-installed|unpacked|half-configured) /;

/** Reads a value; undefined where it is none that a package can be brought to. */
export const packageWant = (text: string): PackageWant | undefined => {
  if (text === 'present' || text === 'removed' || text === 'absent') return text;
  const [, version, sha256] = LOCAL.exec(text) ?? [];
  if (version !== undefined && sha256 !== undefined) return {versions: [version], sha256};
  return VERSIONS.test(text) && !BROKEN.test(text) ? {versions: text.split(' ')} : undefined;
};

/** The versions that a held value names; none where the package is not installed, or only half. */
export const heldVersions = (held: string): readonly string[] => {
  const value = packageWant(held);
  return typeof value === 'object' ? value.versions : [];
};

const withoutEpoch = (version: string): string => version.replace(/^\d+:/, '');

// The name of a package's file lacks the epoch.
const sameVersion = (held: string, want: string, local: boolean): boolean =>
  held === want || (local && !want.includes(':') && withoutEpoch(held) === want);

/** Whether what is held is what is wanted. */
export const samePackage = (held: string, want: string): boolean => {
  const wanted = packageWant(want);
  const versions = heldVersions(held);
  if (wanted === 'present') return versions.length > 0;
  if (wanted === 'removed') return held === 'removed' || held === 'absent';
  if (wanted === 'absent' || wanted === undefined) return held === want;
  const has = (version: string): boolean =>
    versions.some((one) => sameVersion(one, version, wanted.sha256 !== undefined));
  return wanted.versions.every(has) && (wanted.versions.length === 1 || versions.length === wanted.versions.length);
};
