import {compareVersions} from '../../model/version.ts';
import type {ElfNeeds} from './elf.ts';
import type {Release, SymbolFamily} from './releases.ts';

const isFamily = (name: string, {symbols}: Release): name is SymbolFamily => Object.hasOwn(symbols, name);

/** `OPENSSL_1_1_1` → OPENSSL, 1.1.1; a version without a number (`GLIBC_PRIVATE`) has none. */
const partsOf = (version: string): {family: string; number?: string} => {
  const [, family = version, rest = ''] = /^([A-Z]+)_(.+)$/.exec(version) ?? [];
  return /^\d/.test(rest) ? {family, number: rest.replaceAll('_', '.')} : {family};
};

const symbolMisfit = ({library, version}: ElfNeeds['symbols'][number], release: Release): string | undefined => {
  const {family, number} = partsOf(version);
  if (!isFamily(family, release)) return undefined;
  if (number === undefined) return `needs ${version} of ${library}, which is the library's own`;
  const highest = release.symbols[family];
  return compareVersions(number, highest) > 0
    ? `needs ${version} of ${library}, and ${release.title} has ${family}_${highest}`
    : undefined;
};

/**
 * What a file needs that a release does not have, as the ends of sentences. `own` are the sonames that the package brings
 * itself. A family of versions that the table does not hold is known by its soname alone.
 */
export const misfits = (needs: ElfNeeds, release: Release, own: readonly string[]): readonly string[] => [
  ...needs.libraries
    .filter((name) => !release.sonames.includes(name) && !own.includes(name))
    .map((name) => `needs ${name}, which is not among the libraries of ${release.title}`),
  ...needs.symbols
    .filter(({library}) => !own.includes(library))
    .flatMap((symbol) => symbolMisfit(symbol, release) ?? []),
];
