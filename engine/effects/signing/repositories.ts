import {readdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {shellJoin} from '../../model/shell.ts';
import {toolOutput} from '../system-tool.ts';
import {findTool} from '../tools.ts';
import {isEvidence} from './evidence.ts';
import {gpgWords, signClear, signDetached, type Signer} from './signer.ts';

/** The public key, beside what it proves. */
export const PUBLIC_KEY = 'linerate.asc';

const writeKey = async ({publicKey}: Signer, folder: string): Promise<void> =>
  writeFile(path.join(folder, PUBLIC_KEY), publicKey, {mode: 0o644});

const namesIn = async (folder: string, ending: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();

/**
 * Signs RPMs where they are: their headers, and with them their files' digests.
 * @throws Fault `tool-failed`, `missing-tool`
 */
export const signRpms = async (signer: Signer, files: readonly string[]): Promise<void> => {
  if (files.length === 0) return;
  const defines = [
    `_gpg_name ${signer.fingerprint}`,
    `_gpg_path ${signer.home}`,
    // Debian's rpm looks for gpg2.
    `__gpg ${(await findTool('gpg')) ?? 'gpg'}`,
    `_gpg_sign_cmd_extra_args ${shellJoin(gpgWords(signer))}`,
    '_gpg_digest_algo sha256',
  ];
  const words = ['--addsign', ...defines.flatMap((text) => ['--define', text]), ...files];
  // A user's own macros are not to have a say.
  await toolOutput('rpmsign', words, {signal: signer.signal, environment: {HOME: signer.home}});
};

/** Signs the Release file of each release in `dists`, as `InRelease` and beside it as `Release.gpg`. */
export const signAptRepository = async (signer: Signer, folder: string): Promise<void> => {
  for (const name of await readdir(path.join(folder, 'dists'))) {
    const at = path.join(folder, 'dists', name);
    await signClear(signer, path.join(at, 'Release'), path.join(at, 'InRelease'));
    await signDetached(signer, path.join(at, 'Release'), path.join(at, 'Release.gpg'));
  }
  await writeKey(signer, folder);
};

/** Signs the packages of a dnf repository, lists them anew, as signed ones are other files, and signs the list. */
export const signDnfRepository = async (signer: Signer, folder: string, epoch: number): Promise<void> => {
  const packages = (await namesIn(folder, '.rpm')).map((name) => path.join(folder, name));
  await signRpms(signer, packages);
  const revision = ['--revision', String(epoch), '--set-timestamp-to-revision'];
  const {signal} = signer;
  await toolOutput('createrepo_c', ['--quiet', '--no-database', ...revision, folder], {signal});
  await signDetached(signer, path.join(folder, 'repodata/repomd.xml'), path.join(folder, 'repodata/repomd.xml.asc'));
  await writeKey(signer, folder);
};

/**
 * Signs the packages among artifacts: RPMs, and repositories by their names (`apt-…`, `dnf-…`). What else lies in the folder is
 * left alone.
 * @param names of the artifacts in the folder
 * @param epoch the time in the repositories' lists, in seconds since 1970
 * @throws Fault `tool-failed`, `missing-tool`
 */
export const signArtifacts = async (
  signer: Signer,
  folder: string,
  names: readonly string[],
  epoch: number,
): Promise<void> => {
  const at = (name: string): string => path.join(folder, name);
  await signRpms(signer, names.filter((name) => name.endsWith('.rpm')).map(at));
  for (const name of names) {
    if (name.startsWith('apt-')) await signAptRepository(signer, at(name));
    if (name.startsWith('dnf-')) await signDnfRepository(signer, at(name), epoch);
  }
  await writeKey(signer, folder);
};

/** Signs bills of materials, provenance and sources among artifacts, each in a file of its own (`.asc`). */
export const signEvidence = async (signer: Signer, folder: string, names: readonly string[]): Promise<void> => {
  for (const name of names.filter(isEvidence))
    await signDetached(signer, path.join(folder, name), path.join(folder, `${name}.asc`));
};
