import {mkdtempSync} from 'node:fs';
import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {loadPackageContent} from '../../../engine/catalogue/package-content.ts';
import {debStage} from '../../../engine/stages/package/deb.ts';
import type {PackageContext, PackageDefinition} from '../../../engine/stages/package/definition.ts';
import {RELEASES} from '../../../engine/stages/package/releases.ts';
import {rpmStage} from '../../../engine/stages/package/rpm.ts';
import type {Stage} from '../../../engine/stages/stage.ts';
import {buildIn, outputFolder} from '../../support/built-packages.ts';
import {outputOf} from '../../support/machines/command.ts';
import {dpkgIn, makeRoot, rpmIn} from '../../support/package-roots.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'linerate-definition-'));
test.after.always(async () => rm(folder, {recursive: true, force: true}));

// What a build may leave: odd names, modes that say more than the file is, files of the repository.
const tree: Stage = {
  name: 'some tree',
  inputs: {},
  script: `
set -eu
mkdir -p "$OUT/tree/below"
echo '#!/bin/sh' >"$OUT/tree/script"
echo 'no script' >"$OUT/tree/data"
echo '100% of "it"' >"$OUT/tree/below/100% [odd] name"
touch "$OUT/tree/.gitignore" "$OUT/tree/below/.gitignore"
chmod 0775 "$OUT/tree/script" "$OUT/tree/data"
chmod 0600 "$OUT/tree/below/100% [odd] name"
`,
  tools: [],
  builder: 'here',
};

const definition: PackageDefinition = {
  name: 'some-tool',
  source: 'some-tool',
  version: 'v1.2.0-rc3',
  release: 2,
  architecture: 'any',
  summary: 'some tool, 100% a test',
  description: ['Of a test.', `${'Words that are many. '.repeat(12)}100% of them.`],
  licence: 'MIT',
  url: 'https://tool.example/',
  section: 'net',
  files: [
    {path: '/usr/share/some-tool', from: 'tree/tree', without: ['.gitignore']},
    {path: '/etc/some-tool.conf', text: 'version = @version@\n', kind: 'config'},
    {path: '/usr/bin/some-tool', link: '../share/some-tool/script'},
    {path: '/usr/share/doc/some-tool/copyright', text: 'MIT\n', kind: 'doc'},
    {path: '/etc/some-secret', text: 'secret\n', mode: 0o600, kind: 'config'},
    {path: '/var/cache/some-tool', ghost: true},
  ],
  depends: ['modules', {package: 'some-library', same: true}, {package: 'any-library'}],
  provides: ['some-service'],
  conflicts: ['other-tool'],
};

const context = (family: string): PackageContext => ({
  name: family,
  inputs: {tree: {stage: tree.name}},
  builder: 'here',
  content: loadPackageContent(),
  maintainer: 'A Person <person@tool.example>',
  epoch: 1_735_689_600,
});

let files: Readonly<Record<'deb' | 'rpm', string>>;
test.before(async () => {
  const stages = [
    tree,
    {...debStage(definition, RELEASES.bookworm, context('deb')), checks: []},
    {...rpmStage(definition, RELEASES.el10, context('rpm')), checks: []},
  ];
  const report = await buildIn(folder, stages);
  const fileOf = async (name: string): Promise<string> => {
    const out = outputFolder(report, name);
    return path.join(out, (await readdir(out))[0] ?? '');
  };
  files = {deb: await fileOf('deb'), rpm: await fileOf('rpm')};
});

const LAID = [
  '-rw------- /etc/some-secret',
  '-rw-r--r-- /etc/some-tool.conf',
  '-rw-r--r-- /usr/share/doc/some-tool/copyright',
  '-rw-r--r-- /usr/share/some-tool/below/100% [odd] name',
  '-rw-r--r-- /usr/share/some-tool/data',
  '-rwxr-xr-x /usr/share/some-tool/script',
  'lrwxrwxrwx /usr/bin/some-tool',
];

test('one definition is a DEB', async (t) => {
  t.is(path.basename(files.deb), 'some-tool_1.2.0~rc3-2+deb12_all.deb');
  const fields = await outputOf(
    'dpkg-deb',
    '-f',
    files.deb,
    'Depends',
    'Provides',
    'Conflicts',
    'Maintainer',
    'Architecture',
  );
  t.deepEqual(fields.trim().split('\n'), [
    'Depends: kmod, some-library (= 1.2.0~rc3-2+deb12), any-library',
    'Provides: some-service',
    'Conflicts: other-tool',
    'Maintainer: A Person <person@tool.example>',
    'Architecture: all',
  ]);
  const lines = (await outputOf('dpkg-deb', '-c', files.deb)).split('\n');
  const laid = lines.flatMap((line) => {
    const [, mode = '', file = ''] = /^([-l]\S+) root\/root +\d+ \S+ \S+ \.(\/.*?)(?: -> .*)?$/.exec(line) ?? [];
    return mode === '' || file.includes('changelog') ? [] : [`${mode} ${file}`];
  });
  t.deepEqual(laid.sort(), LAID);
});

test('the same definition is an RPM', async (t) => {
  t.is(path.basename(files.rpm), 'some-tool-1.2.0~rc3-2.el10.noarch.rpm');
  const query = '[%{FILEMODES:perms} %{FILENAMES} %{FILEUSERNAME} %{FILEFLAGS:fflags}\\n]';
  const lines = (await outputOf('rpm', '-qp', '--qf', query, files.rpm)).trim().split('\n');
  const laid = lines.flatMap((line) => {
    const [, mode = '', file = ''] = /^([-l]\S+) (\/.*) root (?!g)/.exec(line) ?? [];
    return mode === '' ? [] : [`${mode} ${file}`];
  });
  t.deepEqual(laid.sort(), LAID);
  t.true(lines.includes('-rw-r--r-- /etc/some-tool.conf root cn'));
  t.true(lines.includes('-rw-r--r-- /usr/share/doc/some-tool/copyright root d'));
  t.true(lines.includes('-rw-r--r-- /var/cache/some-tool root g'));
  t.true(lines.includes('drwxr-xr-x /usr/share/some-tool/below root '));
  const requires = (await outputOf('rpm', '-qp', '--requires', files.rpm)).split('\n');
  for (const one of ['kmod', 'some-library = 1.2.0~rc3-2.el10', 'any-library']) t.true(requires.includes(one), one);
  t.is(
    await outputOf('rpm', '-qp', '--qf', '%{SUMMARY}|%{PACKAGER}|%{BUILDHOST}', files.rpm),
    'Some tool, 100% a test|A Person <person@tool.example>|linerate',
  );
  t.regex(await outputOf('rpm', '-qp', '--qf', '%{DESCRIPTION}', files.rpm), /100% of them\.$/);
});

test('a configuration that was changed stays as it is', async (t) => {
  const deb = path.join(folder, 'deb-root');
  await makeRoot(deb);
  await dpkgIn(deb, '-i', files.deb);
  const debFile = path.join(deb, 'etc/some-tool.conf');
  t.is(await readFile(debFile, 'utf8'), 'version = 1.2.0~rc3\n');
  await writeFile(debFile, 'mine\n');
  await dpkgIn(deb, '--force-confold', '-i', files.deb);
  t.is(await readFile(debFile, 'utf8'), 'mine\n');

  const rpm = path.join(folder, 'rpm-root');
  await makeRoot(rpm);
  await rpmIn(rpm, '--initdb');
  await rpmIn(rpm, '-i', '--nodeps', files.rpm);
  const rpmFile = path.join(rpm, 'etc/some-tool.conf');
  await writeFile(rpmFile, 'mine\n');
  await rpmIn(rpm, '-U', '--nodeps', '--replacepkgs', files.rpm);
  t.is(await readFile(rpmFile, 'utf8'), 'mine\n');
  t.is(await outputOf('readlink', path.join(rpm, 'usr/bin/some-tool')), '../share/some-tool/script\n');
});
