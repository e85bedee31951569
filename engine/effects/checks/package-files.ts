import type {Stats} from 'node:fs';
import {mkdir, mkdtemp, readdir, readFile, readlink, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {shellJoin} from '../../model/shell.ts';
import {walk} from '../store/tree.ts';
import {toolOutput} from '../system-tool.ts';

/** One file of a package: a link's bytes are where it leads, a script's those of the package's own control. */
export type UnpackedFile = {path: string; bytes: Uint8Array};

const unpack = async (file: string, to: string, signal: AbortSignal): Promise<void> => {
  if (file.endsWith('.deb')) {
    await toolOutput('dpkg-deb', ['--raw-extract', file, to], {signal});
    return;
  }
  const pipe = `${shellJoin(['rpm2cpio', file])} | cpio --quiet -idm --no-absolute-filenames`;
  await toolOutput('sh', ['-c', pipe], {folder: to, signal});
};

const bytesOf = async (file: string, stats: Stats): Promise<Uint8Array | undefined> => {
  if (stats.isSymbolicLink()) return Buffer.from(await readlink(file));
  return stats.isFile() ? readFile(file) : undefined;
};

const filesBelow = async (folder: string): Promise<readonly UnpackedFile[]> => {
  const files: UnpackedFile[] = [];
  for await (const {file, stats} of walk(folder)) {
    const bytes = await bytesOf(file, stats);
    if (bytes) files.push({path: `/${path.relative(folder, file)}`, bytes});
  }
  return files;
};

/** An RPM's tags and scripts, which cpio does not unpack. */
const header = async (file: string, signal: AbortSignal): Promise<readonly UnpackedFile[]> =>
  file.endsWith('.rpm')
    ? [{path: path.basename(file), bytes: Buffer.from(await toolOutput('rpm', ['-qp', '--xml', file], {signal}))}]
    : [];

/** The files of each package in a folder. They are unpacked aside, and that is removed. */
export async function* unpackedPackages(
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<readonly UnpackedFile[], void, undefined> {
  for (const name of (await readdir(folder)).filter((one) => /\.(?:deb|rpm)$/.test(one)).sort()) {
    const aside = await mkdtemp(path.join(tmpdir(), 'linerate-package-'));
    try {
      const to = path.join(aside, 'root');
      await mkdir(to);
      await unpack(path.join(folder, name), to, signal);
      yield [...(await header(path.join(folder, name), signal)), ...(await filesBelow(to))];
    } finally {
      await rm(aside, {recursive: true, force: true});
    }
  }
}
