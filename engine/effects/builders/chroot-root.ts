import {execFile} from 'node:child_process';
import {mkdir, readdir, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {Draft} from '../store/store.ts';

const run = promisify(execFile);

/** A whole archive of a hundred packages tells of itself in a hundred kilobytes. */
const INDEX_BYTES = 64 * 1024 ** 2;

/** An archive of the pinned packages and nothing else, so that nothing else can be chosen. */
const archiveOf = async (packages: string, release: string, folder: string): Promise<void> => {
  await mkdir(folder);
  for (const name of await readdir(packages)) await symlink(path.join(packages, name), path.join(folder, name));
  const {stdout} = await run('apt-ftparchive', ['packages', '.'], {cwd: folder, maxBuffer: INDEX_BYTES});
  await writeFile(path.join(folder, 'Packages'), stdout);
  // mmdebstrap takes the essential packages of this codename, and of nothing else.
  const named = ['-o', `APT::FTPArchive::Release::Codename=${release}`];
  const told = await run('apt-ftparchive', [...named, 'release', '.'], {cwd: folder});
  await writeFile(path.join(folder, 'Release'), told.stdout);
};

const failed = (name: string, said: string, error: unknown): Fault => {
  const lines = said.split('\n').filter((line) => /^(?:E:|dpkg:|mmdebstrap:)/.test(line));
  return new Fault({
    code: 'builder-failed',
    owner: 'tool',
    message: `the root folder of ${name} could not be made: ${printableLine(lines.slice(-2).join('; ') || said, 300)}`,
    cause: error,
  });
};

/**
 * Unpacks and configures pinned packages into a root folder; nothing is asked of a network.
 * @param packages the folder that holds them
 * @throws Fault `builder-failed`; the signal's reason
 */
export const makeRoot = async (
  {name, release, include}: {name: string; release: string; include: readonly string[]},
  packages: string,
  {out, scratch, log}: Draft,
  signal: AbortSignal,
): Promise<void> => {
  const archive = path.join(scratch, 'archive');
  await archiveOf(packages, release, archive);
  const words = [
    '--variant=essential',
    `--include=${include.join(',')}`,
    // A draft that a power cut leaves behind does not count: no package needs to be brought to the disk by itself.
    '--dpkgopt=force-unsafe-io',
    '--aptopt=APT::Install-Recommends "false"',
    release,
    out,
    `deb [trusted=yes] copy:${archive} ./`,
  ];
  const environment = {PATH: process.env['PATH'], TMPDIR: scratch, SOURCE_DATE_EPOCH: '315532800', LC_ALL: 'C.UTF-8'};
  const made = run('mmdebstrap', words, {signal, env: environment, maxBuffer: INDEX_BYTES, killSignal: 'SIGTERM'});
  try {
    await writeFile(log, (await made).stderr);
  } catch (error) {
    signal.throwIfAborted();
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    await writeFile(log, said);
    throw failed(name, said, error);
  }
};
