import {readFileSync} from 'node:fs';
import path from 'node:path';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import {nearestName} from '../plan/nearest.ts';
import {bootStage} from '../stages/kernel/boot/stage.ts';
import type {TargetRelease} from '../stages/kernel/kernel.ts';
import {kernelStages} from '../stages/kernel/stages.ts';
import type {Family} from '../stages/package/releases.ts';
import {KERNEL_LICENCE} from '../stages/package/kernel.ts';
import {kernelSourceStage} from '../stages/package/source.ts';
import {kernelPackageStages, kernelRepositoryStages, PACKAGE_EPOCH} from '../stages/package/stages.ts';
import type {SourceRequest} from '../stages/sources/lock.ts';
import type {Stage} from '../stages/stage.ts';
import {loadBuilder} from './builders.ts';
import {contentRoot} from './content-root.ts';
import {kernelNames, loadKernel, type LoadedKernel} from './kernels.ts';
import {loadPackageContent} from './package-content.ts';

/** A folder that can be built, as stages. */
export type Build = {
  /** `kernels/lab-6.1`. */
  name: string;
  stages: readonly Stage[];
  /** The stages that make it complete, in the order in which they are wanted. */
  targets: readonly string[];
  /** Those whose outputs are what a person wants to have. */
  artifacts: readonly string[];
  /** What `linerate lock` pins for it. */
  sources: Readonly<Record<string, SourceRequest>>;
  warning?: string;
  /** What its bills of materials say of packages; absent where none are made. */
  packaged?: {summary: string; licence: string; epoch: number};
};

export type BuildRequest = {
  /** Package formats; none for what is built alone. */
  formats: readonly Family[];
  /** The releases that packages are made for; all that the folder names where absent. */
  releases?: readonly TargetRelease[];
  /** Whether repositories are made of the packages. */
  repositories?: boolean;
};

const bootTexts = (root: string): {boot: string; init: string} => {
  const text = (name: string): string => readFileSync(path.join(root, 'templates/kernel-boot', name), 'utf8');
  return {boot: text('boot.sh'), init: text('init.sh')};
};

/** The packages of a builder that is a root folder are pinned with what is built there. */
const builderSources = (builder: string, root: string): Build['sources'] => {
  if (builder === 'here') return {};
  const definition = loadBuilder(builder, root);
  if (definition.kind !== 'chroot') return {};
  const {release, packages} = definition;
  return {[`builders/${builder}`]: {from: 'debian-root', release, packages}};
};

const kernelSources = ({name, kernel}: LoadedKernel, root: string): Build['sources'] => ({
  ...builderSources(kernel.builder, root),
  [name]: kernel.source,
  ...(typeof kernel.patches === 'object' ? {[`${name} patches`]: kernel.patches.source} : {}),
});

/** A kernel's packages, what they are made of, and repositories of them. */
const kernelPackages = (
  {name, kernel, files, scripts}: LoadedKernel,
  {formats, releases, repositories = false}: BuildRequest,
  root: string,
): readonly Stage[] => {
  if (formats.length === 0) return [];
  const content = loadPackageContent(root);
  const options = {formats, content, ...(releases ? {targets: releases} : {})};
  const told = {
    ...files,
    'kernel.json': `${JSON.stringify(kernel, undefined, 2)}\n`,
    ...Object.fromEntries(Object.entries(scripts).map(([step, text]) => [`scripts/${step}.sh`, text])),
  };
  return [
    ...kernelPackageStages(name, kernel, options),
    ...(repositories ? kernelRepositoryStages(name, kernel, options) : []),
    kernelSourceStage(name, kernel, {files: told, content, epoch: PACKAGE_EPOCH}),
  ];
};

const kernelBuild = async (given: string, request: BuildRequest, root: string): Promise<Build> => {
  const loaded = await loadKernel(given, root);
  const {name, kernel, files, scripts} = loaded;
  const compiled = `${name} compile`;
  const boot = kernel.proof ? [bootStage(name, compiled, kernel.proof, bootTexts(root))] : [];
  const packages = kernelPackages(loaded, request, root);
  // A kernel that does not boot is not packaged.
  const targets = [compiled, ...[...boot, ...packages].map((stage) => stage.name)];
  return {
    name,
    stages: [...kernelStages(name, kernel, files, scripts), ...boot, ...packages],
    targets,
    artifacts: packages.length === 0 ? [compiled] : packages.map((stage) => stage.name),
    sources: kernelSources(loaded, root),
    ...(kernel.warning === undefined ? {} : {warning: kernel.warning}),
    ...(packages.length === 0
      ? {}
      : {packaged: {summary: kernel.summary, licence: KERNEL_LICENCE, epoch: PACKAGE_EPOCH}}),
  };
};

type Kind = {
  names: (root: string) => readonly string[];
  load: (name: string, request: BuildRequest, root: string) => Promise<Build>;
};

/** What can be built, by the folder that it lies in: a row each. */
const KINDS: Readonly<Record<string, Kind>> = {
  kernels: {names: kernelNames, load: kernelBuild},
};

/** Everything that can be built: `kernels/lab-6.1`, … */
export const buildNames = (root: string = contentRoot()): readonly string[] =>
  Object.values(KINDS).flatMap(({names}) => names(root));

const unknownBuild = (given: string, root: string): Fault => {
  const names = buildNames(root);
  const near = nearestName(given, names);
  return new Fault({
    code: 'unknown-build',
    owner: 'user',
    message: `there is nothing to build called ${printable(given)}`,
    hint: near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`,
  });
};

/**
 * The stages of a folder: `kernels/lab-6.1`.
 * @throws Fault or Faults `unknown-build`, and what its kind says of a folder that is wrong
 */
export const loadBuild = async (given: string, request: BuildRequest, root: string = contentRoot()): Promise<Build> => {
  const name = given.replace(/^\.\//, '').replace(/\/+$/, '');
  const kind = KINDS[name.split('/')[0] ?? ''];
  if (!kind || !buildNames(root).includes(name)) throw unknownBuild(given, root);
  return kind.load(name, request, root);
};
