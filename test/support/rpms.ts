import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {outputOf} from './machines/command.ts';

/** What one RPM of a test is made of: tags of its spec, its files, and what its scripts do. */
export type TestRpm = {
  name: string;
  version: string;
  /** `Requires`, `Conflicts`, `Provides` with their values. */
  tags?: readonly string[];
  files?: Readonly<Record<string, string>>;
  config?: readonly string[];
  pre?: string;
  post?: string;
};

const specOf = ({name, version, tags = [], files = {}, config = [], pre, post}: TestRpm): string =>
  [
    `Name: ${name}`,
    `Version: ${version}`,
    'Release: 1',
    'Summary: a package of a test',
    'License: MIT',
    'BuildArch: noarch',
    'AutoReqProv: no',
    ...tags,
    '%description',
    'of a test',
    '%install',
    ...Object.entries(files).map(
      ([file, text]) => `mkdir -p %{buildroot}${path.dirname(file)} && printf '%%s' '${text}' >%{buildroot}${file}`,
    ),
    ...(pre === undefined ? [] : ['%pre', pre]),
    ...(post === undefined ? [] : ['%post', post]),
    '%files',
    ...new Set(
      Object.keys(files).flatMap((file) => (file.startsWith('/usr/share/') ? [`%dir ${path.dirname(file)}`] : [])),
    ),
    ...Object.keys(files).map((file) => `${config.includes(file) ? '%config(noreplace) ' : ''}${file}`),
    '',
  ].join('\n');

/** Builds an RPM in a folder, `NAME-VERSION-1.noarch.rpm`. */
export const buildRpm = async (folder: string, one: TestRpm): Promise<void> => {
  const work = await mkdtemp(path.join(tmpdir(), 'linerate-rpm-'));
  try {
    await writeFile(path.join(work, 'one.spec'), specOf(one));
    const defines = [
      `_topdir ${work}`,
      `_rpmdir ${folder}`,
      '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    ];
    await outputOf(
      'rpmbuild',
      '-bb',
      '--quiet',
      ...defines.flatMap((text) => ['--define', text]),
      path.join(work, 'one.spec'),
    );
  } finally {
    await rm(work, {recursive: true, force: true});
  }
};

/** Repositories of these packages, by their folders below `to`, as text of a shell that makes them on a host. */
export const rpmRepositoriesScript = async (
  repositories: Readonly<Record<string, readonly TestRpm[]>>,
  to: string,
): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'linerate-repository-'));
  try {
    for (const [name, packages] of Object.entries(repositories)) {
      await mkdir(path.join(folder, name));
      for (const one of packages) await buildRpm(path.join(folder, name), one);
      await outputOf('createrepo_c', '--quiet', '--simple-md-filenames', path.join(folder, name));
    }
    const archive = await outputOf('sh', '-c', 'tar -cz -C "$1" . | base64', 'sh', folder);
    return `mkdir -p ${to} && base64 -d <<'END' | tar -xz -C ${to}\n${archive}END\n`;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
};

/**
 * Makes of a lab's host one whose packages are RPM's: dpkg knows of none, and RPM of `lr-base` alone, a file of the first
 * repository, which brings the shell that scripts need.
 */
export const dnfScript = (repositories: readonly string[]): string => `
: >/var/lib/dpkg/status
rm -rf /var/lib/rpm /var/cache/dnf /var/cache/linerate /var/lib/dnf /etc/yum.repos.d
mkdir -p /var/lib/rpm /etc/yum.repos.d /etc/dnf
rpm --initdb
rpm -i --nodeps ${repositories[0] ?? ''}/lr-base-1.0-1.noarch.rpm
printf '[main]\\ngpgcheck=0\\nmetadata_expire=0\\n' >/etc/dnf/dnf.conf
${repositories
  .map(
    (folder) =>
      `printf '[%s]\\nname=%s\\nbaseurl=file://${folder}\\nenabled=1\\n' ${path.basename(folder)} ${path.basename(folder)} >/etc/yum.repos.d/${path.basename(folder)}.repo`,
  )
  .join('\n')}
`;
