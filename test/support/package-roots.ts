import {chmod, cp, mkdir, readFile, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outputOf} from './machines/command.ts';

const APPLETS = ['sh', 'mkdir', 'touch', 'rm', 'rmdir', 'echo', 'depmod', 'cat'];

const PROGRAMS = ['/bin/busybox', '/bin/run-parts'];

/** Programs of a distribution that a root has as stand-ins: they write down what they were called with. */
const RECORDED = ['linux-update-symlinks', 'linux-check-removal', 'kernel-install'];

const LOG = 'called';

const addProgram = async (root: string, name: string, text: string): Promise<void> => {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), {recursive: true});
  await writeFile(file, text);
  await chmod(file, 0o755);
};

const copyProgram = async (root: string, program: string): Promise<void> => {
  const libraries = (await outputOf('ldd', program)).match(/\/\S+/g) ?? [];
  for (const file of [program, ...libraries])
    await cp(file, path.join(root, file), {dereference: true, recursive: true});
};

/** A root folder with a shell of its own, into which packages are installed with their scripts. */
export const makeRoot = async (root: string): Promise<void> => {
  for (const folder of ['bin', 'var/lib/dpkg/updates', 'var/lib/dpkg/info', 'dev', 'tmp', 'boot'])
    await mkdir(path.join(root, folder), {recursive: true});
  await writeFile(path.join(root, 'dev/null'), '');
  await writeFile(path.join(root, 'var/lib/dpkg/status'), '');
  for (const program of PROGRAMS) await copyProgram(root, program);
  for (const applet of APPLETS) await symlink('busybox', path.join(root, 'bin', applet));
  for (const name of RECORDED) await addProgram(root, `usr/bin/${name}`, `#!/bin/sh\necho "${name} $*" >>/${LOG}\n`);
};

/** Adds a hook of /etc/kernel, which writes down what it was called with. */
export const addKernelHook = async (root: string, point: string): Promise<void> =>
  addProgram(
    root,
    `etc/kernel/${point}.d/zz-recorded`,
    `#!/bin/sh\necho "${point}.d $* ($DEB_MAINT_PARAMS)" >>/${LOG}\n`,
  );

/** What scripts of packages called since the last time, line by line. */
export const takeCalls = async (root: string): Promise<readonly string[]> => {
  const file = path.join(root, LOG);
  const text = await readFile(file, 'utf8').catch(() => '');
  await writeFile(file, '');
  return text.split('\n').filter((line) => line !== '');
};

/** Runs dpkg on such a root; dependencies are another matter than files and scripts. */
export const dpkgIn = async (root: string, ...argv: readonly string[]): Promise<string> =>
  outputOf('dpkg', `--root=${root}`, '--force-depends', '--force-unsafe-io', ...argv);

/** Runs rpm on such a root. */
export const rpmIn = async (root: string, ...argv: readonly string[]): Promise<string> =>
  outputOf('rpm', '--root', root, '--define', '_pkgverify_level none', ...argv);
