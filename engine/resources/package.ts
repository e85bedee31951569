import {sayAsked} from '../facts/asked.ts';
import type {Facts} from '../facts/facts.ts';
import type {Step} from '../model/change.ts';
import type {Held, Undo} from '../model/setting.ts';
import {shellQuote} from '../model/shell.ts';
import {uploadPath} from '../model/upload.ts';
import {kernelRelease} from './kernel-release.ts';
import {packageFacts, type PackageFacts, type PackageProgram} from './package-facts.ts';
import {PACKAGE_FUNCTIONS} from './package-reads.ts';
import {heldVersions, packageWant, samePackage, type PackageWant} from './package-value.ts';
import type {ResourceKind} from './resource.ts';

const NAME = /^[A-Za-z0-9][\w+.-]*(?::[a-z0-9]+)?$/;

const live = (facts: Facts, name: string): Held => packageFacts(facts, name)?.held ?? {unreadable: 'it was not read'};

const heldText = ({held}: PackageFacts): string => (typeof held === 'object' && 'value' in held ? held.value : '');

/**
 * A package that was not there is taken away again whole: with all that came with it, its configuration, and the users that
 * its scripts made (`library-packages.ts`); what those scripts did beyond that is theirs. What replaces or removes a version
 * is undone exactly only where that version can still be had; it is fetched before it is touched.
 */
const undo = (facts: Facts, name: string, want: string): Undo => {
  const found = packageFacts(facts, name);
  if (!found) return 'exact';
  const held = heldText(found);
  if (held === 'absent') return 'exact';
  if (want === 'absent') return 'approximate';
  if (held === 'removed') return 'exact';
  const versions = heldVersions(held);
  return versions.length > 0 && versions.every((version) => found.known.includes(version)) ? 'exact' : 'approximate';
};

type Words = Pick<Step & {do: 'packages'}, 'install' | 'remove' | 'purge'>;

/** One version of a package in its program's words. */
const versionWord = (program: PackageProgram, name: string, version: string): string =>
  program === 'apt' ? `${name}=${version}` : `${name}-${version}`;

/** Where a package's file lies on the host: called by the package's name, so that its version need not be known to find it. */
export const packagePath = (name: string, sha256: string, suffix: 'deb' | 'rpm'): string =>
  uploadPath(sha256, `${name}.${suffix}`);

const wordsOf = (program: PackageProgram, name: string, held: string, want: PackageWant): Words => {
  const none: Words = {install: [], remove: [], purge: []};
  if (want === 'present') return {...none, install: [name]};
  if (want === 'removed') return {...none, remove: [name]};
  if (want === 'absent') return {...none, purge: [name]};
  if (want.sha256 !== undefined)
    return {...none, install: [packagePath(name, want.sha256, program === 'apt' ? 'deb' : 'rpm')]};
  const extra = want.versions.length > 1 ? heldVersions(held).filter((one) => !want.versions.includes(one)) : [];
  return {
    ...none,
    install: want.versions
      .filter((one) => !heldVersions(held).includes(one))
      .map((one) => versionWord(program, name, one)),
    remove: extra.map((one) => versionWord(program, name, one)),
  };
};

const steps = (facts: Facts, name: string, want: string): readonly Step[] | undefined => {
  const found = packageFacts(facts, name);
  const wanted = packageWant(want);
  if (found?.program === undefined || wanted === undefined) return undefined;
  const {program} = found;
  const exact = undo(facts, name, want) === 'exact';
  return [{do: 'packages', program, ...wordsOf(program, name, heldText(found), wanted), exact}];
};

const unknownVersion = ({known, program}: PackageFacts, want: PackageWant): string | undefined => {
  if (program !== 'apt' || typeof want !== 'object' || want.sha256 !== undefined || known.length === 0)
    return undefined;
  const missing = want.versions.find((version) => !known.includes(version));
  return missing === undefined ? undefined : `its repositories have ${known.join(', ')}, and not ${missing}`;
};

/** Why a kernel's package stays: it runs, or the host boots it. */
const neededKernel = ({os, boot}: Facts, name: string): string | undefined => {
  const release = kernelRelease(name);
  if (release === undefined || (release !== os.kernel && release !== boot.release)) return undefined;
  return `the host ${release === os.kernel ? 'runs' : 'boots'} its kernel`;
};

const fixed = (facts: Facts, name: string, text: string): string | undefined => {
  const found = packageFacts(facts, name);
  const want = packageWant(text);
  if (!found || want === undefined) return undefined;
  const needed = want === 'removed' || want === 'absent' ? neededKernel(facts, name) : undefined;
  if (needed !== undefined) return needed;
  if (found.interrupted) return 'dpkg was cut off in the middle of its work: run "dpkg --configure -a" there';
  if (found.onHold) return 'it is on hold: "apt-mark unhold" lets it go';
  if (want === 'removed' || want === 'absent' || (typeof want === 'object' && want.sha256 !== undefined))
    return undefined;
  if (found.unknown && heldVersions(heldText(found)).length === 0)
    return 'no repository of this host has a package of this name';
  return unknownVersion(found, want);
};

/** What a file in the cache is known by: its digest's beginning. */
const shown = (value: string): string => value.replace(/ sha256:([0-9a-f]{8})[0-9a-f]{56}$/, ' (file $1)');

/**
 * Packages of apt and dnf: `package nginx` holds the installed version, `removed` where only its configuration is left, or
 * `absent`; of what dpkg left half-way its state and version. A version that is wanted with `sha256:HEX` is a file that was
 * sent to the host; the same version from elsewhere counts as it, since no database keeps a package's digest.
 */
export const packages: ResourceKind = {
  kind: 'package',
  form: 'NAME',
  knows: (name) => NAME.test(name),
  problem: (_name, want) =>
    packageWant(want) === undefined ? 'is none of present, removed, absent and a version' : undefined,
  reads: (name, want) =>
    `${PACKAGE_FUNCTIONS}${sayAsked(`package ${name}`, `"$(asked_package ${shellQuote(name)} ${shellQuote(want)})"`)}`,
  onDisk: true,
  shown,
  live,
  boot: () => ({held: 'default'}),
  effect: () => 'live',
  undo,
  same: (_facts, _name, held, want) => samePackage(held, want),
  steps,
  restore: (facts, name) => {
    const program = packageFacts(facts, name)?.program;
    return program && [{do: 'packages-back', program}];
  },
  fixed,
};
