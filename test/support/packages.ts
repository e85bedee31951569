import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {outputOf} from './machines/command.ts';

/** What one package of a test is made of: fields of its control file, its files, and what its scripts do. */
export type TestPackage = {
  name: string;
  version: string;
  depends?: string;
  conflicts?: string;
  files?: Readonly<Record<string, string>>;
  conffiles?: readonly string[];
  postinst?: string;
  prerm?: string;
  postrm?: string;
};

const controlOf = ({name, version, depends, conflicts}: TestPackage): string =>
  [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: a test <test@localhost>',
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
    ...(conflicts === undefined ? [] : [`Conflicts: ${conflicts}`]),
    'Description: a package of a test',
    '',
  ].join('\n');

/** Builds a .deb in a folder; answers its path. */
export const buildDeb = async (folder: string, one: TestPackage): Promise<string> => {
  const tree = await mkdtemp(path.join(folder, 'tree-'));
  await chmod(tree, 0o755);
  await mkdir(path.join(tree, 'DEBIAN'));
  await writeFile(path.join(tree, 'DEBIAN/control'), controlOf(one));
  if (one.conffiles) await writeFile(path.join(tree, 'DEBIAN/conffiles'), `${one.conffiles.join('\n')}\n`);
  for (const name of ['postinst', 'prerm', 'postrm'] as const)
    if (one[name] !== undefined)
      await writeFile(path.join(tree, 'DEBIAN', name), `#!/bin/sh\nset -e\n${one[name]}\n`, {mode: 0o755});
  for (const [file, text] of Object.entries(one.files ?? {})) {
    await mkdir(path.dirname(path.join(tree, file)), {recursive: true});
    await writeFile(path.join(tree, file), text, {mode: 0o644});
  }
  const deb = path.join(folder, `${one.name}_${one.version}_all.deb`);
  await outputOf('dpkg-deb', '--root-owner-group', '-Znone', '--build', tree, deb);
  await rm(tree, {recursive: true});
  return deb;
};

/** A repository of these packages as text of a shell that makes it in a folder of a host. */
export const repositoryScript = async (packages: readonly TestPackage[], to: string): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'linerate-repository-'));
  try {
    for (const one of packages) await buildDeb(folder, one);
    const list = await outputOf('apt-ftparchive', 'packages', folder);
    await writeFile(path.join(folder, 'Packages'), list.replaceAll(`${folder}/`, './'));
    const archive = await outputOf('sh', '-c', 'tar -cz -C "$1" . | base64', 'sh', folder);
    return `mkdir -p ${to} && base64 -d <<'END' | tar -xz -C ${to}\n${archive}END\n`;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
};

/**
 * For a lab's host: apt knows the repositories in these folders and no others; what is installed is what this machine has.
 * Without fsync, as a test's disk need not survive a power cut.
 */
export const aptScript = (repositories: readonly string[]): string => `
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d /usr/sbin/policy-rc.d
rm -rf /var/lib/apt/lists /var/cache/apt /var/cache/linerate /var/lib/dpkg/updates/*
mkdir -p /etc/apt/sources.list.d /etc/apt/apt.conf.d /var/lib/apt/lists/partial /var/cache/apt/archives/partial
echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/lab
echo 'APT::Sandbox::User "root";' >/etc/apt/apt.conf.d/lab
${repositories.map((folder) => `echo 'deb [trusted=yes] file:${folder} ./' >>/etc/apt/sources.list.d/lab.list`).join('\n')}
`;
