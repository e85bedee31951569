import {mkdtempSync} from 'node:fs';
import {appendFile, chmod, cp, mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {copyArtifacts} from '../../../engine/actions/build-artifacts.ts';
import {finishArtifacts} from '../../../engine/actions/build-finish.ts';
import type {BuildReport} from '../../../engine/actions/build-types.ts';
import type {Build} from '../../../engine/catalogue/builds.ts';
import {digestOfFile} from '../../../engine/effects/files.ts';
import {withSigner, type SigningKey} from '../../../engine/effects/signing/signer.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {buildIn, outputFolder, standInRepositories, standInStages} from '../../support/built-packages.ts';
import {outcomeOf, outputOf} from '../../support/machines/command.ts';
import {makeKey} from '../../support/signing-keys.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'linerate-repositories-'));
test.after.always(async () => rm(folder, {recursive: true, force: true}));

const EPOCH = 1_735_689_600;
const V = '6.1.176-stand-in';
const ANOTHER = 'another.rpm';
const never = new AbortController().signal;

const stages = [
  ...standInStages(['bookworm', 'el9'], V).map((stage) => ({...stage, checks: []})),
  ...standInRepositories(['bookworm', 'el9']),
];

const artifacts = stages.slice(1).map(({name}) => name);

const buildRepositories = async (name: string): Promise<{apt: string; dnf: string; report: BuildReport}> => {
  const report = await buildIn(path.join(folder, name), stages);
  return {
    apt: path.join(outputFolder(report, 'kernels/stand-in deb bookworm repository'), 'apt-bookworm'),
    dnf: path.join(outputFolder(report, 'kernels/stand-in rpm el9 repository'), 'dnf-el9'),
    report,
  };
};

const build: Build = {
  name: 'kernels/stand-in',
  stages,
  targets: artifacts,
  artifacts,
  sources: {},
  packaged: {summary: 'A stand-in.', licence: 'GPL-2.0-only', epoch: EPOCH},
};

/** A folder of artifacts as `linerate build --out` leaves it. */
const finished = async (name: string, report: BuildReport, key?: SigningKey): Promise<string> => {
  const to = path.join(folder, name);
  const copied = await copyArtifacts(
    artifacts.map((stage) => outputFolder(report, stage)),
    to,
  );
  const names = copied.map((file) => path.basename(file));
  const options = {out: to, names, locked: {}, version: '0.0.1', signal: never};
  await finishArtifacts([build], report, key ? {...options, key} : options);
  return to;
};

/** The same, signed. */
const signed = async (): Promise<string> => {
  const {report} = await buildRepositories('first');
  // Of somebody else: signing would fail on it.
  await mkdir(path.join(folder, 'out'));
  await writeFile(path.join(folder, 'out', ANOTHER), 'not ours');
  const key = {file: await makeKey(folder, 'packages', 'open sesame'), passphrase: 'open sesame'};
  return finished('out', report, key);
};

let out: string;
test.before(async () => {
  out = await signed();
});

const aptWords = async (name: string, repository: string, key: string): Promise<readonly string[]> => {
  const state = path.join(folder, name);
  for (const below of ['lists/partial', 'cache/archives/partial', 'parts'])
    await mkdir(path.join(state, below), {recursive: true});
  await writeFile(path.join(state, 'status'), '');
  await writeFile(path.join(state, 'list'), `deb [signed-by=${key}] file:${repository} bookworm main\n`);
  const settings = {
    'Dir::Etc::SourceList': path.join(state, 'list'),
    'Dir::Etc::SourceParts': path.join(state, 'parts'),
    'Dir::State::Lists': path.join(state, 'lists'),
    'Dir::State::Status': path.join(state, 'status'),
    'Dir::Cache': path.join(state, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  return Object.entries(settings).flatMap(([setting, value]) => ['-o', `${setting}=${value}`]);
};

test('apt takes the signed repository and finds the kernel in it', async (t) => {
  const repository = path.join(out, 'apt-bookworm');
  const words = await aptWords('apt', repository, path.join(repository, 'linerate.asc'));
  const update = await outcomeOf(['apt-get', ...words, '-q', 'update']);
  t.is(update.status, 0, update.stderr);
  t.notRegex(update.stdout + update.stderr, /^[WE]:/m);
  t.regex(await outputOf('apt-cache', ...words, 'policy', 'linux-image-stand-in'), /Candidate: 6\.1\.176-1\+deb12\n/);
  t.regex(
    await outputOf('apt-cache', ...words, 'depends', 'linux-image-stand-in'),
    /Depends: linux-image-6\.1\.176-stand-in/,
  );
});

test('apt refuses a repository that was changed after it was signed, or signed by another', async (t) => {
  const changed = path.join(folder, 'changed');
  await cp(path.join(out, 'apt-bookworm'), changed, {recursive: true});
  const packages = path.join(changed, 'dists/bookworm/main/binary-amd64');
  for (const name of await readdir(packages)) await rm(path.join(packages, name));
  await writeFile(
    path.join(packages, 'Packages'),
    'Package: evil\nVersion: 1\nArchitecture: amd64\nFilename: evil.deb\nSize: 1\n\n',
  );
  const words = await aptWords('apt-changed', changed, path.join(changed, 'linerate.asc'));
  t.not((await outcomeOf(['apt-get', ...words, '-q', 'update'])).status, 0);

  const other = await makeKey(folder, 'other');
  const stranger = path.join(folder, 'stranger.asc');
  await withSigner({file: other}, never, async ({publicKey}) => writeFile(stranger, publicKey));
  const again = await aptWords('apt-stranger', path.join(out, 'apt-bookworm'), stranger);
  t.regex((await outcomeOf(['apt-get', ...again, '-q', 'update'])).stderr, /NO_PUBKEY|not signed/);
});

test('gpgv and rpm know the signatures, also of the packages beside the repositories', async (t) => {
  const key = path.join(out, 'linerate.asc');
  const keyring = path.join(folder, 'keyring.gpg');
  await outputOf('gpg', '--batch', '--output', keyring, '--dearmor', key);
  const dists = path.join(out, 'apt-bookworm/dists/bookworm');
  for (const words of [
    [path.join(dists, 'InRelease')],
    [path.join(dists, 'Release.gpg'), path.join(dists, 'Release')],
    [path.join(out, 'dnf-el9/repodata/repomd.xml.asc'), path.join(out, 'dnf-el9/repodata/repomd.xml')],
    ...['cdx', 'spdx', 'intoto']
      .map((kind) => path.join(out, `kernels-stand-in.${kind}.json`))
      .map((document) => [`${document}.asc`, document]),
  ])
    t.is((await outcomeOf(['gpgv', '--keyring', keyring, ...words])).status, 0, words[0]);

  const base = path.join(folder, 'rpmdb');
  await outputOf('rpmkeys', '--dbpath', base, '--import', key);
  const rpms = [out, path.join(out, 'dnf-el9')].map(async (at) =>
    (await readdir(at)).filter((name) => name.endsWith('.rpm') && name !== ANOTHER).map((name) => path.join(at, name)),
  );
  const files = (await Promise.all(rpms)).flat();
  t.is(files.length, 4);
  t.is(await readFile(path.join(out, ANOTHER), 'utf8'), 'not ours');
  for (const file of files)
    t.regex(await outputOf('rpmkeys', '--dbpath', base, '-K', file), /: digests signatures OK/, file);
  const damaged = path.join(folder, 'damaged.rpm');
  await cp(files[0] ?? '', damaged);
  await appendFile(damaged, 'x');
  t.not((await outcomeOf(['rpmkeys', '--dbpath', base, '-K', damaged])).status, 0);
});

test('dnf takes the signed repository and finds the kernel by what it provides', async (t) => {
  const repository = path.join(out, 'dnf-el9');
  const words = [
    `--installroot=${path.join(folder, 'dnf-root')}`,
    `--setopt=cachedir=${path.join(folder, 'dnf-cache')}`,
    `--setopt=reposdir=${folder}`,
    '--releasever=9',
    `--repofrompath=linerate,file://${repository}`,
    '--setopt=linerate.repo_gpgcheck=1',
    '--setopt=linerate.gpgcheck=1',
    `--setopt=linerate.gpgkey=file://${repository}/linerate.asc`,
    '--assumeyes',
    '--quiet',
  ];
  const found = await outputOf('dnf', ...words, 'repoquery', '--whatprovides', 'installonlypkg(kernel)');
  t.deepEqual(found.trim().split('\n').sort(), [
    'kernel-stand-in-0:6.1.176-1.el9.x86_64',
    'kernel-stand-in-devel-0:6.1.176-1.el9.x86_64',
  ]);
});

test.serial('unsigned repositories are the same bytes, whenever and wherever they are made', async (t) => {
  const [one, two] = [await buildRepositories('again'), await buildRepositories('and again')];
  for (const [first, second] of [
    [one.apt, two.apt],
    [one.dnf, two.dnf],
  ] as const) {
    const names = (await readdir(first, {recursive: true, withFileTypes: true}))
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(first, path.join(entry.parentPath, entry.name)));
    t.true(names.length > 4);
    for (const name of names)
      t.is(await digestOfFile(path.join(first, name)), await digestOfFile(path.join(second, name)), name);
  }
  t.regex(
    await readFile(path.join(one.apt, 'dists/bookworm/Release'), 'utf8'),
    /^Date: Wed, 01 Jan 2025 00:00:00 \+0000$/m,
  );
});

test('evidence names the files that are given away, by their digests, and is the same for the same build', async (t) => {
  const files = (await readdir(out, {withFileTypes: true})).filter(
    (entry) => entry.isFile() && /\.(?:deb|rpm)$/.test(entry.name) && entry.name !== ANOTHER,
  );
  t.is(files.length, 6);
  for (const kind of ['cdx', 'spdx', 'intoto']) {
    const text = await readFile(path.join(out, `kernels-stand-in.${kind}.json`), 'utf8');
    for (const {name} of files) t.true(text.includes(await digestOfFile(path.join(out, name))), `${kind} ${name}`);
  }
  const {report} = await buildRepositories('third');
  const [one, two] = [await finished('unsigned', report), await finished('unsigned again', report)];
  for (const kind of ['cdx', 'spdx', 'intoto']) {
    const name = `kernels-stand-in.${kind}.json`;
    t.is(await digestOfFile(path.join(one, name)), await digestOfFile(path.join(two, name)));
  }
});

test('a key that cannot be used is told, and nothing of it is left', async (t) => {
  const locked = await makeKey(folder, 'locked', 'a secret');
  const none = path.join(folder, 'none.key');
  await writeFile(none, 'no key\n');
  await chmod(none, 0o600);
  for (const key of [
    {file: locked},
    {file: locked, passphrase: 'wrong'},
    {file: none},
    {file: path.join(folder, 'gone')},
  ]) {
    const fault = await t.throwsAsync(
      withSigner(key, never, async () => Promise.resolve()),
      {instanceOf: Fault},
    );
    t.is(fault?.code, 'signing-key');
    t.notRegex(fault?.message ?? '', /wrong|a secret/);
  }
  let home = '';
  await withSigner({file: locked, passphrase: 'a secret'}, never, async (signer) => {
    home = signer.home;
    return Promise.resolve();
  });
  t.is((await outcomeOf(['ls', home])).status, 2);
  t.is((await outcomeOf(['pgrep', '-f', home])).stdout, '');
});
