import type {Family} from './releases.ts';

/** What packages need, by our names, as each family calls it. */
const NAMES = {
  modules: {deb: 'kmod', rpm: 'kmod'},
  initramfs: {deb: 'initramfs-tools | linux-initramfs-tool', rpm: 'dracut'},
  'boot entries': {deb: 'linux-base (>= 4.3~)', rpm: 'systemd-udev'},
  compiler: {deb: 'gcc', rpm: 'gcc'},
  make: {deb: 'make', rpm: 'make'},
  perl: {deb: 'perl', rpm: 'perl-interpreter'},
  libc: {deb: 'libc6', rpm: 'glibc'},
  libelf: {deb: 'libelf1 | libelf1t64', rpm: 'elfutils-libelf'},
} as const satisfies Readonly<Record<string, Readonly<Record<Family, string>>>>;

/** A name that every family has a package for. */
export type AbstractName = keyof typeof NAMES;

/** One of those names, or a package by its own, whose version then is this one's where `same` is told. */
export type Dependency = AbstractName | {package: string; same?: true};

const exact = (name: string, family: Family, version: string): string =>
  family === 'deb' ? `${name} (= ${version})` : `${name} = ${version}`;

/** A dependency as the family writes it; `version` is the package's own, with its release. */
export const dependencyText = (one: Dependency, family: Family, version: string): string => {
  if (typeof one === 'string') return NAMES[one][family];
  return one.same ? exact(one.package, family, version) : one.package;
};
