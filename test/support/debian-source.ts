import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'linerate', 'test');

const run = (command: string, words: readonly string[], cwd: string): void => {
  const done = spawnSync(command, words, {cwd, encoding: 'utf8'});
  if (done.status === 0) return;
  const said = done.error?.message ?? done.stderr.trim();
  throw new Error(`${[command, ...words].join(' ')} failed, and there is no copy in ${CACHE}: ${said}`);
};

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Debian 12's sources, from where this machine has its packages of Debian 12. */
const sources = (): string => {
  const format = '$(SITE) $(REPO_URI) $(RELEASE)';
  const asked = spawnSync('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {encoding: 'utf8'});
  const [, uri] =
    asked.stdout
      .split('\n')
      .find((line) => line.endsWith(' bookworm'))
      ?.split(' ') ?? [];
  if (uri === undefined) throw new Error('apt knows no archive of Debian 12 (bookworm): run apt-get update');
  return `Types: deb-src\nURIs: ${uri}\nSuites: bookworm\nComponents: main\nSigned-By: ${KEYRING}\n`;
};

/** apt with a list of sources of its own: the machine's stays as it is. */
const fetchSource = (name: string, folder: string): void => {
  const list = join(folder, 'debian.sources');
  writeFileSync(list, sources());
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), {recursive: true});
  const options = [
    `Dir::Etc::SourceList=${list}`,
    'Dir::Etc::SourceParts=-',
    `Dir::State::Lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', ['-q', ...options, 'update'], folder);
  run('apt-get', ['-q', ...options, 'source', '--download-only', name], folder);
};

/**
 * The folder with some files of a Debian 12 source package, unpacked: downloaded and checked by apt at first use, from
 * then on from the cache. `files` are tar's wildcards, with the top folder's name cut off.
 */
export const debianSource = (name: string, files: readonly string[]): string => {
  const cached = join(CACHE, `debian-source-${name}`);
  if (existsSync(cached)) return cached;
  mkdirSync(CACHE, {recursive: true});
  const folder = mkdtempSync(join(CACHE, `${name}-`));
  const tree = join(folder, 'tree');
  try {
    fetchSource(name, folder);
    const archive = readdirSync(folder).find((file) => file.includes('.orig.tar.')) ?? '';
    mkdirSync(tree);
    run(
      'tar',
      ['-xf', archive, '-C', tree, '--strip-components=1', '--no-same-owner', '--wildcards', ...files],
      folder,
    );
    if (!existsSync(cached)) renameSync(tree, cached);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
  return cached;
};
