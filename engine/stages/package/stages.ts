import type {Kernel, TargetRelease} from '../kernel/kernel.ts';
import type {Stage} from '../stage.ts';
import {debStage} from './deb.ts';
import type {PackageDefinition, PackageContent} from './definition.ts';
import {kernelHeaders, kernelImage, kernelMeta} from './kernel.ts';
import {RELEASES, type Family, type Release} from './releases.ts';
import {repositoryStage} from './repository.ts';
import {rpmStage} from './rpm.ts';

export type PackageOptions = {
  formats: readonly Family[];
  /** Those of the kernel that are wanted; all of them where absent. */
  targets?: readonly TargetRelease[];
  content: PackageContent;
  /** Who answers for the packages, `NAME <MAIL>`; a placeholder where absent. */
  maintainer?: string;
  /** See `PackageContext.epoch`; `PACKAGE_EPOCH` where absent. */
  epoch?: number;
};

/** Names no machine of anybody's (RFC 2606). */
const NOBODY = 'linerate <packages@linerate.example>';

/** 1 January 2025: linters take anything before 1984 for a mistake. */
export const PACKAGE_EPOCH = 1_735_689_600;

type Kind = {kind: string; definition: PackageDefinition};

const kindsOf = (kernel: Kernel, release: Release, content: PackageContent): readonly Kind[] => {
  const one = {kernel, release, content};
  return [
    {kind: 'kernel', definition: kernelImage(one)},
    {kind: 'headers', definition: kernelHeaders(one)},
    ...(release.family === 'deb'
      ? [
          {kind: 'kernel-meta', definition: kernelMeta(one, 'image')},
          {kind: 'headers-meta', definition: kernelMeta(one, 'headers')},
        ]
      : []),
  ];
};

const packageName = (name: string, {family, name: target}: Release, kind: string): string =>
  `${name} ${family} ${target} ${kind}`;

const releasesOf = (kernel: Kernel, {formats, targets = kernel.targets}: PackageOptions): readonly Release[] =>
  targets.map((target) => RELEASES[target]).filter(({family}) => formats.includes(family));

/**
 * The stages that make packages of a compiled kernel, each of one file: `kernels/lab-6.1 deb bookworm kernel`,
 * `kernels/lab-6.1 rpm el9 headers`. They take the output of `NAME compile`.
 */
export const kernelPackageStages = (name: string, kernel: Kernel, options: PackageOptions): readonly Stage[] => {
  const {content, maintainer = NOBODY, epoch = PACKAGE_EPOCH} = options;
  return releasesOf(kernel, options).flatMap((release) =>
    kindsOf(kernel, release, content).map(({kind, definition}) =>
      (release.family === 'deb' ? debStage : rpmStage)(definition, release, {
        name: packageName(name, release, kind),
        inputs: {kernel: {stage: `${name} compile`}},
        builder: kernel.builder,
        content,
        maintainer,
        epoch,
      }),
    ),
  );
};

/** The stages that make a repository of a kernel's packages for each release: `kernels/lab-6.1 rpm el9 repository`. */
export const kernelRepositoryStages = (name: string, kernel: Kernel, options: PackageOptions): readonly Stage[] => {
  const {content, epoch = PACKAGE_EPOCH} = options;
  return releasesOf(kernel, options).map((release) =>
    repositoryStage(release, {
      name: packageName(name, release, 'repository'),
      inputs: Object.fromEntries(
        kindsOf(kernel, release, content).map(({kind}) => [kind, {stage: packageName(name, release, kind)}]),
      ),
      content,
      epoch,
    }),
  );
};
