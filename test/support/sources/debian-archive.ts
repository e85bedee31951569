import {spawnSync} from 'node:child_process';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {buildDeb} from '../packages.ts';
import type {Signer} from './keys.ts';
import type {Answering} from './server.ts';

const run = (folder: string, command: string, ...words: readonly string[]): string => {
  const {status, stdout, stderr, error} = spawnSync(command, words, {cwd: folder, encoding: 'utf8'});
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stderr}`);
  return stdout;
};

/** An archive as Debian's are, in a folder: a suite with its pool, its indices and a signed Release file. */
export type Archive = {folder: string; suite: string; label: string; origin?: string};

const POOL = 'pool/main/h/hi';

const rules = `Format: 3.0 (quilt)
Source: hi
Maintainer: a test <test@localhost>
Standards-Version: 4.6.2

Package: hi
Architecture: all
Description: a package of a test
`;

const changelog = (version: string): string =>
  `hi (${version}) unstable; urgency=low\n\n  * A test.\n\n -- a test <test@localhost>  Thu, 01 Jan 2026 00:00:00 +0000\n`;

/** Adds a source package and its binary package of a version such as `1.0-1` to the pool. */
export const addPackage = async ({folder}: Archive, version: string): Promise<void> => {
  const upstream = version.replace(/-[^-]*$/, '');
  const pool = path.join(folder, POOL);
  const tree = path.join(pool, `hi-${upstream}`);
  await mkdir(path.join(tree, 'debian/source'), {recursive: true});
  await writeFile(path.join(tree, 'hi.c'), `int version; /* ${upstream} */\n`);
  run(pool, 'tar', '-czf', `hi_${upstream}.orig.tar.gz`, '--exclude=debian', `hi-${upstream}`);
  await writeFile(path.join(tree, 'debian/control'), rules.replace(/^Format.*\n/, ''));
  await writeFile(path.join(tree, 'debian/changelog'), changelog(version));
  await writeFile(path.join(tree, 'debian/source/format'), '3.0 (quilt)\n');
  run(pool, 'dpkg-source', '--build', `hi-${upstream}`);
  await rm(tree, {recursive: true});
  await buildDeb(pool, {name: 'hi', version});
};

/** Writes the indices anew and signs them. */
export const publish = async ({folder, suite, label, origin = 'Debian'}: Archive, by: Signer): Promise<void> => {
  const dists = path.join(folder, 'dists', suite);
  for (const [kind, index] of [
    ['packages', 'main/binary-amd64/Packages'],
    ['sources', 'main/source/Sources'],
  ] as const) {
    await mkdir(path.dirname(path.join(dists, index)), {recursive: true});
    await writeFile(path.join(dists, index), run(folder, 'apt-ftparchive', kind, 'pool'));
  }
  await rm(path.join(dists, 'InRelease'), {force: true});
  const fields = {
    Origin: origin,
    Label: label,
    Suite: suite,
    Codename: suite,
    Components: 'main',
    Architectures: 'amd64',
  };
  const words = Object.entries(fields).flatMap(([name, value]) => ['-o', `APT::FTPArchive::Release::${name}=${value}`]);
  const release = run(dists, 'apt-ftparchive', ...words, 'release', '.');
  await writeFile(path.join(dists, 'InRelease'), by.clear(release));
};

/** Serves a folder's files. */
export const folderAnswer =
  (folder: string): Answering =>
  async ({path: asked}) => {
    const file = path.join(folder, decodeURIComponent(asked));
    return readFile(file).then(
      (body) => ({body, headers: {'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT'}}),
      () => ({status: 404}),
    );
  };
