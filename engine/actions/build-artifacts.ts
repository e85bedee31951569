import {cp, mkdir, readdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {makeWritable, removeTree} from '../effects/store/tree.ts';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';

const unwritable = (out: string, cause: unknown): Fault =>
  new Fault({
    code: 'out-unwritable',
    owner: 'user',
    message: `what was built cannot be copied to ${printable(out)}: ${cause instanceof Error ? printable(cause.message) : String(cause)}`,
    hint: 'it is in the store, and the same command with another --out copies it',
    cause,
  });

const copyOne = async (from: string, to: string): Promise<void> => {
  const aside = path.join(path.dirname(to), `.${path.basename(to)}.${String(process.pid)}`);
  await removeTree(aside);
  await cp(from, aside, {recursive: true, verbatimSymlinks: true});
  await makeWritable(aside);
  await rm(to, {recursive: true, force: true});
  await rename(aside, to);
};

/**
 * Copies what outputs hold into a folder, each file or folder whole or not at all; answers with where they are.
 * @throws Fault `out-unwritable`
 */
export const copyArtifacts = async (outputs: readonly string[], out: string): Promise<readonly string[]> => {
  const copied: string[] = [];
  try {
    await mkdir(out, {recursive: true});
    for (const output of outputs)
      for (const name of (await readdir(output)).sort()) {
        await copyOne(path.join(output, name), path.join(out, name));
        copied.push(path.join(out, name));
      }
  } catch (error) {
    throw unwritable(out, error);
  }
  return copied;
};
