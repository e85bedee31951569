import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

import {Fault, Faults} from '../model/fault.ts';
import {printable, printableLine} from '../model/printable.ts';
import {nearestName} from '../plan/nearest.ts';
import {readKernel} from '../stages/kernel/kernel-schema.ts';
import type {Kernel} from '../stages/kernel/kernel.ts';
import type {FolderFiles, KernelScripts} from '../stages/kernel/stages.ts';
import {contentRoot} from './content-root.ts';

/** A folder of `kernels/`, read. */
export type LoadedKernel = {
  /** `kernels/lab-6.1`: what it is called on the command line, in the lock and in stages' names. */
  name: string;
  /** Where it lies. */
  folder: string;
  kernel: Kernel;
  files: FolderFiles;
  scripts: KernelScripts;
};

const FOLDER = 'kernels';

/** Fragments that several kernels share; not a kernel. */
const SHARED = 'shared';

/** Its code: as it is written, or as the installed package has it compiled. Undefined where the folder is no kernel. */
const codeOf = (short: string, root: string): string | undefined =>
  [path.join(root, FOLDER, short, 'kernel.ts'), path.join(root, 'dist', FOLDER, short, 'kernel.js')].find((file) =>
    existsSync(file),
  );

/** The kernels there are: `kernels/lab-6.1`, … */
export const kernelNames = (root: string = contentRoot()): readonly string[] =>
  readdirSync(path.join(root, FOLDER))
    .filter((name) => codeOf(name, root) !== undefined)
    .sort()
    .map((name) => `${FOLDER}/${name}`);

const textsBelow = (folder: string, prefix: string): FolderFiles =>
  existsSync(folder)
    ? Object.fromEntries(
        readdirSync(folder, {recursive: true, withFileTypes: true})
          .filter((entry) => entry.isFile())
          .map((entry) => path.join(entry.parentPath, entry.name))
          .sort()
          .map((file) => [path.posix.join(prefix, path.relative(folder, file)), readFileSync(file, 'utf8')]),
      )
    : {};

const SCRIPTS = 'templates/kernel';

const scriptsOf = (root: string): KernelScripts => {
  const text = (name: string): string => readFileSync(path.join(root, SCRIPTS, `${name}.sh`), 'utf8');
  return {
    unpack: text('unpack'),
    patch: text('patch'),
    configure: text('configure'),
    compile: text('compile'),
    headers: text('headers'),
  };
};

const unknownKernel = (name: string, root: string): Fault => {
  const names = kernelNames(root);
  const near = nearestName(name, names);
  return new Fault({
    code: 'unknown-kernel',
    owner: 'user',
    message: `there is no kernel ${printable(name)}`,
    hint: near === undefined ? `the kernels are ${names.join(', ')}` : `did you mean "${near}"?`,
  });
};

const exported = async (file: string, shown: string): Promise<Kernel> => {
  const loaded: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    const reason = printableLine(cause instanceof Error ? cause.message : String(cause), 500);
    throw new Fault({code: 'kernel-folder', owner: 'user', message: `${shown} cannot be loaded: ${reason}`, cause});
  });
  const value = typeof loaded === 'object' && loaded !== null && 'kernel' in loaded ? loaded.kernel : undefined;
  const kernel = readKernel(value);
  if ('summary' in kernel) return kernel;
  const hint = 'it is to export: export const kernel = defineKernel({...})';
  throw new Faults(
    kernel.map((wrong) => new Fault({code: 'kernel-folder', owner: 'user', message: wrong, at: shown, hint})),
  );
};

/**
 * Loads a kernel's folder by its name, `kernels/lab-6.1` or `lab-6.1`. Its code is run.
 * @throws Fault or Faults `unknown-kernel`, `kernel-folder`
 */
export const loadKernel = async (given: string, root: string = contentRoot()): Promise<LoadedKernel> => {
  const short = given.replace(/^\.?\/*kernels\//, '').replace(/\/+$/, '');
  const name = `${FOLDER}/${short}`;
  if (!kernelNames(root).includes(name)) throw unknownKernel(name, root);
  const folder = path.join(root, FOLDER, short);
  const file = codeOf(short, root) ?? '';
  return {
    name,
    folder,
    kernel: await exported(file, `${name}/${path.basename(file)}`),
    files: {
      ...textsBelow(path.join(folder, 'config'), 'config'),
      ...textsBelow(path.join(folder, 'patches'), 'patches'),
      ...textsBelow(path.join(root, FOLDER, SHARED), SHARED),
    },
    scripts: scriptsOf(root),
  };
};
