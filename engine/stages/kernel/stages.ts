import {Fault} from '../../model/fault.ts';
import type {Stage} from '../stage.ts';
import type {SourceRequest} from '../sources/lock.ts';
import {generatedFragment, KERNEL_FILE} from './generated-fragment.ts';
import type {Kernel} from './kernel.ts';
import {checkSeries} from './series.ts';

/** Texts by their paths in a kernel's folder: `config/lab.config`, `patches/series`. */
export type FolderFiles = Readonly<Record<string, string>>;

/** The texts of `templates/kernel`: what each stage runs. */
export type KernelScripts = {unpack: string; patch: string; configure: string; compile: string; headers: string};

/** The full configuration that is committed. */
export const FULL_CONFIG = 'config/full.config';

/** Lines of context that a patch's hunk may find changed; the series of others apply exactly or not at all. */
const OWN_FUZZ = 2;

/** Kernels before 4.x bring their parsers ready made, and know no objtool and no BPF type information. */
const isModern = ({version}: Kernel): boolean => Number(version.split('.')[0]) >= 4;

const configurators = (kernel: Kernel): readonly string[] => [
  'gcc',
  'ld',
  'make',
  ...(isModern(kernel) ? ['flex', 'bison', 'pahole'] : []),
];

const compilers = (kernel: Kernel): readonly string[] => [
  ...configurators(kernel),
  'perl',
  'gzip',
  'tar',
  ...(isModern(kernel) ? ['bc', '/usr/include/gelf.h'] : []),
];

/** The stage whose output's `tree/` is what is configured and compiled. */
export const treeStage = (name: string, kernel: Kernel): string => `${name} ${kernel.patches ? 'patch' : 'unpack'}`;

/** The sources that a kernel is made from, by the names that the lock knows them by. */
export const kernelSources = (name: string, {source, patches}: Kernel): Readonly<Record<string, SourceRequest>> => ({
  [name]: source,
  ...(patches && patches !== 'own' ? {[`${name} patches`]: patches.source} : {}),
});

const unpackers = ({source}: Kernel): readonly string[] =>
  source.from === 'debian-package' ? ['dpkg-deb', 'tar', 'xz'] : ['tar', 'gzip', 'xz'];

const unpack = (name: string, kernel: Kernel, {unpack: script}: KernelScripts): Stage => ({
  name: `${name} unpack`,
  inputs: {source: {source: name}},
  script,
  environment: {TREE: kernel.tree ?? ''},
  tools: unpackers(kernel),
  builder: kernel.builder,
});

const below = (files: FolderFiles, folder: string): FolderFiles =>
  Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`)));

/**
 * The stage that tells what each patch of a kernel's series does, without a tree as its output and without a check; undefined
 * for a kernel without patches.
 */
export const patchStatusStage = (
  name: string,
  {patches, builder}: Kernel,
  files: FolderFiles,
  {patch: script}: KernelScripts,
): Stage | undefined => {
  if (!patches) return undefined;
  if (patches === 'own') checkSeries(name, files);
  return {
    name: `${name} patch-status`,
    inputs: {
      source: {stage: `${name} unpack`},
      ...(patches === 'own' ? {} : {patches: {source: `${name} patches`}}),
    },
    script,
    ...(patches === 'own' ? {files: below(files, 'patches')} : {}),
    environment: {
      KEEP: 'status',
      SERIES: patches === 'own' ? '' : patches.series,
      FUZZ: patches === 'own' ? String(OWN_FUZZ) : '0',
    },
    tools: ['patch', 'tar', 'xz'],
    builder,
  };
};

const patch = (name: string, kernel: Kernel, files: FolderFiles, scripts: KernelScripts): readonly Stage[] => {
  const status = patchStatusStage(name, kernel, files, scripts);
  if (!status) return [];
  return [
    {
      ...status,
      name: `${name} patch`,
      environment: {...status.environment, KEEP: 'tree'},
      checks: [{check: 'kernel-patches', options: {}}],
    },
  ];
};

const asked = (name: string, kernel: Kernel, files: FolderFiles): FolderFiles => {
  const own = [...kernel.fragments, ...(kernel.base in files ? [kernel.base] : [])];
  const absent = kernel.fragments.find((fragment) => files[fragment] === undefined);
  if (absent !== undefined)
    throw new Fault({
      code: 'kernel-folder',
      owner: 'user',
      message: `${name} has no file ${absent}, which its fragments name`,
      at: `${name}/kernel.ts`,
    });
  return {
    ...Object.fromEntries(own.map((path) => [path, files[path] ?? ''])),
    [KERNEL_FILE]: generatedFragment(kernel),
  };
};

/** Where a person finds a fragment; those of `shared/` lie beside the kernels' folders. */
const shown = (name: string, path: string): string =>
  path.startsWith('shared/') ? `${name.slice(0, name.lastIndexOf('/') + 1)}${path}` : `${name}/${path}`;

/**
 * The stage that makes a kernel's full configuration; it is checked against what the fragments ask for, and against the
 * committed one unless `committed` is false.
 */
export const configStage = (
  name: string,
  kernel: Kernel,
  files: FolderFiles,
  scripts: KernelScripts,
  committed = true,
): Stage => {
  const requests = asked(name, kernel, files);
  const fragments = [...kernel.fragments, KERNEL_FILE];
  return {
    name: `${name} config`,
    inputs: {source: {stage: treeStage(name, kernel)}},
    script: scripts.configure,
    files: requests,
    environment: {BASE: kernel.base, FRAGMENTS: fragments.join('\n')},
    tools: configurators(kernel),
    builder: kernel.builder,
    checks: [
      {
        check: 'kernel-config',
        options: {
          fragments: fragments.map((path) => ({path: shown(name, path), text: requests[path] ?? ''})),
          ...(committed ? {full: {path: `${name}/${FULL_CONFIG}`, text: files[FULL_CONFIG] ?? ''}} : {}),
        },
      },
    ],
  };
};

const compile = (name: string, kernel: Kernel, scripts: KernelScripts): Stage => ({
  name: `${name} compile`,
  inputs: {source: {stage: treeStage(name, kernel)}, config: {stage: `${name} config`}},
  script: scripts.compile,
  files: {'headers.sh': scripts.headers},
  tools: compilers(kernel),
  builder: kernel.builder,
});

/**
 * A key that the build makes up would be another one each time, and one that is put into it would lie in the store: where modules
 * are to be signed, that is a stage after this, with the key from outside.
 */
const checkSigning = (name: string, {moduleSigning}: Kernel): void => {
  if (moduleSigning === 'off') return;
  throw new Fault({
    code: 'module-signing',
    owner: 'user',
    message: `${name} wants its modules signed with the key of ${moduleSigning.keyVariable}, which linerate cannot do yet`,
    hint: "moduleSigning: 'off' builds it without; such a kernel boots where Secure Boot and lockdown are off",
    at: `${name}/kernel.ts`,
  });
};

/**
 * What a kernel is made by: its source unpacked, patched where it has patches, configured, compiled. The output of the last
 * one is described in `output.ts`.
 * @param name `kernels/lab-6.1`
 * @throws Fault or Faults `kernel-folder`, `patch-series`, `module-signing` where the folder asks for what cannot be
 */
export const kernelStages = (name: string, kernel: Kernel, files: FolderFiles, scripts: KernelScripts): Stage[] => {
  checkSigning(name, kernel);
  return [
    unpack(name, kernel, scripts),
    ...patch(name, kernel, files, scripts),
    configStage(name, kernel, files, scripts),
    compile(name, kernel, scripts),
  ];
};
