import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {buildStages} from '../../engine/actions/build.ts';
import type {BuildReport} from '../../engine/actions/build-types.ts';
import {loadPackageContent} from '../../engine/catalogue/package-content.ts';
import {openBuilders} from '../../engine/effects/builders/open-builders.ts';
import {openStore} from '../../engine/effects/store/open-store.ts';
import type {Kernel} from '../../engine/stages/kernel/kernel.ts';
import {kernelPackageStages, kernelRepositoryStages} from '../../engine/stages/package/stages.ts';
import type {Stage} from '../../engine/stages/stage.ts';

/** A kernel that is none: what its stand-in output is packaged as. */
export const standInKernel = (targets: Kernel['targets'], localVersion = '-stand-in'): Kernel => ({
  summary: 'A stand-in for a kernel, of a few files.',
  version: '6.1',
  localVersion,
  source: {from: 'folder', path: '.'},
  base: 'allnoconfig',
  fragments: [],
  builder: 'here',
  architecture: 'x86_64',
  moduleSigning: 'off',
  targets,
});

/** A stage in the place of a kernel's compilation, whose output has the layout of `engine/stages/kernel/output.ts`. */
export const standInCompile = (release: string, extra = ''): Stage => ({
  name: 'kernels/stand-in compile',
  inputs: {},
  script: `
set -eu
V='${release}'
echo "$V" >"$OUT/version"
mkdir -p "$OUT/boot" "$OUT/lib/modules/$V/kernel/drivers/net" "$OUT/headers/scripts/basic" "$OUT/headers/include/generated"
printf 'MZ\\352\\007\\000stand-in' >"$OUT/boot/vmlinuz-$V"
echo 'ffffffff81000000 T _text' >"$OUT/boot/System.map-$V"
echo 'CONFIG_NET=y' >"$OUT/boot/config-$V"
for name in one two; do
  printf '.section .modinfo,"a"\\n.asciz "license=GPL"\\n.text\\n.globl init_module\\ninit_module: xorl %%eax,%%eax\\nret\\n' |
    as -o "$OUT/lib/modules/$V/kernel/drivers/net/$name.ko" -
  echo "kernel/drivers/net/$name.ko" >>"$OUT/lib/modules/$V/modules.order"
done
echo kernel/drivers/net/three.ko >"$OUT/lib/modules/$V/modules.builtin"
echo 'all:' >"$OUT/headers/Makefile"
echo 'CONFIG_NET=y' >"$OUT/headers/.config"
echo '#define UTS_RELEASE "'"$V"'"' >"$OUT/headers/include/generated/utsrelease.h"
cp /bin/true "$OUT/headers/scripts/basic/fixdep"
${extra}`,
  tools: ['as'],
  builder: 'here',
});

/** The stages of a stand-in's packages, with the stage in the place of its compilation. */
export const standInStages = (
  targets: Kernel['targets'],
  release = '6.1.176-stand-in',
  extra = '',
): readonly Stage[] => [
  standInCompile(release, extra),
  ...kernelPackageStages('kernels/stand-in', standInKernel(targets), {
    formats: ['deb', 'rpm'],
    content: loadPackageContent(),
  }),
];

/** The stages of the repositories of a stand-in's packages. */
export const standInRepositories = (targets: Kernel['targets']): readonly Stage[] =>
  kernelRepositoryStages('kernels/stand-in', standInKernel(targets), {
    formats: ['deb', 'rpm'],
    content: loadPackageContent(),
  });

/** Builds stages in a store of their own below a folder. */
export const buildIn = async (folder: string, stages: readonly Stage[]): Promise<BuildReport> => {
  await mkdir(folder, {recursive: true});
  return buildStages(stages, {
    store: openStore(path.join(folder, 'store')),
    sources: {locked: {}, fetch: async () => Promise.reject(new Error('there are no sources'))},
    builder: openBuilders({cache: path.join(folder, 'cache'), ccache: false}),
    signal: new AbortController().signal,
    keepGoing: true,
  });
};

/** The output's folder of a stage that was made; what it failed at is thrown. */
export const outputFolder = ({stages}: BuildReport, name: string): string => {
  const found = stages.find((stage) => stage.name === name);
  if (found?.state === 'found' || found?.state === 'built') return found.stored.folder;
  if (found?.state === 'failed') throw found.faults[0] ?? new Error(name);
  throw new Error(`${name} was not made: ${String(found?.state)}`);
};
