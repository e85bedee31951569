import type {TargetRelease} from '../kernel/kernel.ts';

/** How a release packs software. */
export type Family = 'deb' | 'rpm';

/** What a package has to fit. */
export type Release = {
  name: TargetRelease;
  family: Family;
  /** For people. */
  title: string;
  /** What follows the release number in a package's version: `.el9`, `+deb12`; a newer release's sorts later. */
  mark: string;
  /** What its own packages are compressed with; an older one's dpkg or rpm may read nothing else. */
  compression: 'xz' | 'zstd';
  /** Where packages put modules: a folder or, before /usr was merged for packages too, the link to it. */
  modules: '/lib/modules' | '/usr/lib/modules';
  /** Highest versions of symbols by their libraries' families, as its first supported point release has them. */
  symbols: Readonly<Record<SymbolFamily, string>>;
  /** The sonames of its libraries that linerate's packages may need. */
  sonames: readonly string[];
};

/** What comes before the `_` of a symbol's version: `GLIBC_2.34`. */
export type SymbolFamily = 'GLIBC' | 'OPENSSL' | 'ELFUTILS' | 'ZLIB' | 'GCC';

const COMMON = [
  'ld-linux-x86-64.so.2',
  'libc.so.6',
  'libm.so.6',
  'libdl.so.2',
  'libpthread.so.0',
  'librt.so.1',
  'libgcc_s.so.1',
  'libelf.so.1',
  'libz.so.1',
  'libzstd.so.1',
  'liblzma.so.5',
] as const;

const OPENSSL_3 = [...COMMON, 'libcrypto.so.3', 'libssl.so.3'];
const OPENSSL_1 = [...COMMON, 'libcrypto.so.1.1', 'libssl.so.1.1'];

/**
 * Releases and what they have, by their names. Versions are those of libc6, libssl3, libelf1, zlib1g and libgcc-s1 on
 * packages.debian.org and packages.ubuntu.com, and of glibc, openssl-libs, elfutils-libelf, zlib and libgcc in the releases'
 * repositories (el8: 8.10, el9: 9.0, el10: 10.0, al2023: its first). A library is known by its symbols' versions: OpenSSL 3.0.8
 * may have `OPENSSL_3.0.0` only, and libelf counts `ELFUTILS_1.7` whatever its release. Where that of a release is not known
 * for certain, an older one stands here: what is refused then can be made in the release's own builder.
 */
export const RELEASES: Readonly<Record<TargetRelease, Release>> = {
  bookworm: {
    name: 'bookworm',
    family: 'deb',
    title: 'Debian 12',
    mark: '+deb12',
    compression: 'xz',
    modules: '/lib/modules',
    symbols: {GLIBC: '2.36', OPENSSL: '3.0.9', ELFUTILS: '1.7', ZLIB: '1.2.12', GCC: '12.0.0'},
    sonames: OPENSSL_3,
  },
  trixie: {
    name: 'trixie',
    family: 'deb',
    title: 'Debian 13',
    mark: '+deb13',
    compression: 'xz',
    modules: '/usr/lib/modules',
    symbols: {GLIBC: '2.41', OPENSSL: '3.5.0', ELFUTILS: '1.7', ZLIB: '1.2.12', GCC: '14.0.0'},
    sonames: OPENSSL_3,
  },
  noble: {
    name: 'noble',
    family: 'deb',
    title: 'Ubuntu 24.04',
    mark: '+ubuntu24.04',
    compression: 'zstd',
    modules: '/lib/modules',
    symbols: {GLIBC: '2.39', OPENSSL: '3.0.9', ELFUTILS: '1.7', ZLIB: '1.2.12', GCC: '14.0.0'},
    sonames: OPENSSL_3,
  },
  el8: {
    name: 'el8',
    family: 'rpm',
    title: 'Enterprise Linux 8',
    mark: '.el8',
    compression: 'xz',
    modules: '/lib/modules',
    symbols: {GLIBC: '2.28', OPENSSL: '1.1.1', ELFUTILS: '1.7', ZLIB: '1.2.9', GCC: '8.0.0'},
    sonames: OPENSSL_1,
  },
  el9: {
    name: 'el9',
    family: 'rpm',
    title: 'Enterprise Linux 9',
    mark: '.el9',
    compression: 'zstd',
    modules: '/lib/modules',
    symbols: {GLIBC: '2.34', OPENSSL: '3.0.0', ELFUTILS: '1.7', ZLIB: '1.2.9', GCC: '11.0.0'},
    sonames: OPENSSL_3,
  },
  el10: {
    name: 'el10',
    family: 'rpm',
    title: 'Enterprise Linux 10',
    mark: '.el10',
    compression: 'zstd',
    modules: '/lib/modules',
    symbols: {GLIBC: '2.39', OPENSSL: '3.2.0', ELFUTILS: '1.7', ZLIB: '1.2.12', GCC: '14.0.0'},
    sonames: OPENSSL_3,
  },
  al2023: {
    name: 'al2023',
    family: 'rpm',
    title: 'Amazon Linux 2023',
    mark: '.amzn2023',
    compression: 'zstd',
    modules: '/lib/modules',
    symbols: {GLIBC: '2.34', OPENSSL: '3.0.0', ELFUTILS: '1.7', ZLIB: '1.2.9', GCC: '11.0.0'},
    sonames: OPENSSL_3,
  },
};
