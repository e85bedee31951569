import {execFileSync} from 'node:child_process';
import {createReadStream, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {ExecutionContext} from 'ava';
import {kernelOutput} from '../../engine/stages/kernel/output.ts';
import {linerate, temporaryFolder} from './cli.ts';

type Told = {stages: readonly {name: string; state: string; folder?: string; tookMs?: number}[]};

/** Builds a kernel in the store of whoever runs this, so that what is unchanged is not compiled again; its output. */
const built = async (t: ExecutionContext, name: string, options: readonly string[]): Promise<string> => {
  const {status, stdout, stderr} = await linerate(['build', name, '--json', ...options]);
  t.is(status, 0, stderr);
  const {stages} = JSON.parse(stdout) as Told;
  for (const stage of stages)
    t.log(`${stage.name}: ${stage.state}, ${String(Math.round((stage.tookMs ?? 0) / 1000))} s`);
  return stages.find((stage) => stage.name === `${name} compile`)?.folder ?? '';
};

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

const leaks = async (file: string): Promise<boolean> => {
  const lines = createInterface({input: createReadStream(file, 'latin1')});
  for await (const line of lines) if (line.includes('/linerate/')) return true;
  return false;
};

const MODULE = `#include <linux/module.h>
static int __init begin(void) { return 0; }
static void __exit end(void) {}
module_init(begin);
module_exit(end);
MODULE_LICENSE("GPL");
`;

/** Builds a module of somebody else against a kernel's headers, as DKMS does; what it says it is for. */
const vermagicOfOther = (headers: string): string => {
  const folder = temporaryFolder();
  const copy = path.join(folder, 'headers');
  execFileSync('cp', ['-r', headers, copy]);
  execFileSync('chmod', ['-R', 'u+w', copy]);
  const module = path.join(folder, 'other');
  mkdirSync(module);
  writeFileSync(path.join(module, 'other.c'), MODULE);
  writeFileSync(path.join(module, 'Makefile'), 'obj-m := other.o\n');
  execFileSync('make', ['-C', copy, `M=${module}`, 'modules'], {stdio: 'pipe'});
  return execFileSync('modinfo', ['-F', 'vermagic', path.join(module, 'other.ko')], {encoding: 'utf8'}).trim();
};

/**
 * Builds a kernel, which boots it, and looks at what came out; the release of its `uname -r`.
 * @param options of `linerate build`: the package formats, and where to
 */
export const buildAndProve = async (
  t: ExecutionContext,
  name: string,
  pattern: RegExp,
  options: readonly string[] = ['--format', 'none'],
): Promise<string> => {
  const out = await built(t, name, options);
  const release = readFileSync(path.join(out, 'version'), 'utf8').trim();
  t.regex(release, pattern);
  const layout = kernelOutput(release);
  // https://www.kernel.org/doc/html/latest/arch/x86/boot.html: for BIOS; PE for UEFI
  const image = readFileSync(path.join(out, layout.vmlinuz));
  t.is(image.toString('latin1', 0x202, 0x206), 'HdrS');
  t.is(image.toString('latin1', 0, 2), 'MZ');
  t.true(vermagicOfOther(path.join(out, layout.headers)).startsWith(`${release} SMP`));
  const modules = filesBelow(path.join(out, layout.modules)).filter((file) => file.endsWith('.ko'));
  t.true(modules.length > 10);
  t.notRegex(execFileSync('readelf', ['-SW', modules[0] ?? ''], {encoding: 'utf8'}), /\.debug_/);
  const leaking = [];
  for (const file of filesBelow(out)) if (await leaks(file)) leaking.push(path.relative(out, file));
  t.deepEqual(leaking, [], 'paths of the build');
  return release;
};
