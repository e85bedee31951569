import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {
  formatAptSources,
  officialSources,
  ofRelease,
  parseAptSources,
  type AptSource,
} from '../../stages/sources/apt-sources.ts';
import {parseDeb822} from '../../stages/sources/deb822.ts';
import type {Archive} from '../../stages/sources/debian-places.ts';
import type {Store} from '../store/store.ts';
import {alone} from './alone.ts';
import type {ToolOutcome} from '../system-tool.ts';
import type {SourceContext} from './context.ts';
import {requestFault, sourceFault} from './faults.ts';
import {complaint, runProgram} from './program.ts';

export const APT_HELPER = '/usr/lib/apt/apt-helper';

const textOf = async (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** The files of this machine's sources, as apt itself finds them. */
const sourceFiles = async (context: SourceContext): Promise<readonly string[]> => {
  const words = ['shell', 'LIST', 'Dir::Etc::sourcelist/f', 'PARTS', 'Dir::Etc::sourceparts/d'];
  const said = await runProgram('apt-config', words, {signal: context.signal, environment: context.environment});
  const [, list = ''] = /^LIST='(.*)'$/m.exec(said.stdout) ?? [];
  const [, parts = ''] = /^PARTS='(.*)'$/m.exec(said.stdout) ?? [];
  const names = await readdir(parts).catch(() => []);
  const wanted = names.filter((name) => /^[\w.-]+\.(?:list|sources)$/.test(name)).sort();
  return [list, ...wanted.map((name) => path.join(parts, name))];
};

/** This machine's sources of a release; none where it has none. */
export const machineSources = async (release: string, context: SourceContext): Promise<readonly AptSource[]> => {
  const files = await sourceFiles(context);
  const all = await Promise.all(files.map(async (file) => parseAptSources(await textOf(file), file)));
  return ofRelease(all.flat(), release);
};

export type Index = 'Packages' | 'Sources';

/** Whatever the machine does after an update of its own is not wanted here. */
const configuration = (folder: string): string => `
Dir::State "${folder}/state";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Dir::Etc::SourceList "${folder}/archive.sources";
Dir::Etc::SourceParts "/dev/null";
APT::Architecture "amd64";
#clear APT::Architectures;
APT::Architectures "amd64";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Update::Error-Mode "any";
Acquire::Retries "3";
`;

const prepare = async (folder: string, sources: string): Promise<string> => {
  for (const part of ['state/lists/partial', 'cache/archives/partial'])
    await mkdir(path.join(folder, part), {recursive: true});
  await writeFile(path.join(folder, 'status'), '');
  await writeFile(path.join(folder, 'archive.sources'), sources);
  const file = path.join(folder, 'apt.conf');
  await writeFile(file, configuration(folder));
  return file;
};

const updateFault = (release: string, said: ToolOutcome): Error => {
  const why = `the archive of ${release}: ${complaint(said)}`;
  if (/not signed|signature|NO_PUBKEY|EXPKEYSIG|not valid yet|expired/i.test(said.stderr))
    return requestFault('source-signature', why, 'nothing is taken from an archive whose signature does not hold');
  return sourceFault('source-unreachable', why, {hint: 'the archives are those of /etc/apt/sources.list*'});
};

export type IndexText = {archive: Archive; text: string};

const FORMAT = ['FILENAME', 'METAKEY', 'REPO_URI', 'ORIGIN', 'LABEL'].map((name) => `$(${name})`).join('\t');

const dateOf = async (index: string, metaKey: string): Promise<string> => {
  const at = index.lastIndexOf(metaKey.replaceAll('/', '_'));
  const [signed, plain] = await Promise.all(
    ['InRelease', 'Release'].map(async (name) => textOf(index.slice(0, at) + name)),
  );
  return parseDeb822((signed === '' ? plain : signed) ?? '')[0]?.get('Date') ?? '';
};

export const readIndices = async (file: string, context: SourceContext): Promise<readonly IndexText[]> => {
  const limits = {signal: context.signal, environment: context.environment};
  const targets = await runProgram('apt-get', ['-c', file, 'indextargets', '--format', FORMAT], limits);
  const rows = targets.stdout.split('\n').filter((line) => line !== '');
  return Promise.all(
    rows.map(async (row) => {
      const [at = '', metaKey = '', uri = '', origin = '', label = ''] = row.split('\t');
      const {stdout: text} = await runProgram(APT_HELPER, ['cat-file', at], limits);
      return {archive: {uri, origin, label, date: await dateOf(at, metaKey)}, text};
    }),
  );
};

/**
 * Works with apt's view of a release's archives, as apt fetches and verifies them: by its transports, proxies and keyrings, apart
 * from what it keeps for the machine itself. What has not changed since is not fetched again.
 * @param work gets the file to be given to apt's programs as `-c`
 * @throws Fault `source-signature`, `source-unreachable`, `missing-tool`
 */
export const withArchives = async <T>(
  release: string,
  index: Index,
  store: Store,
  context: SourceContext,
  work: (configuration: string) => Promise<T>,
): Promise<T> => {
  const own = await machineSources(release, context);
  const sources = formatAptSources(own.length === 0 ? officialSources(release) : own, index);
  return alone(store, `apt ${sources}`, context.signal, async (place) => {
    const file = await prepare(`${place}.apt`, sources);
    const limits = {signal: context.signal, environment: context.environment};
    const said = await runProgram('apt-get', ['-c', file, '-qq', 'update'], limits);
    if (said.status !== 0) throw updateFault(release, said);
    return work(file);
  });
};

/**
 * The indices of a release's archives.
 * @throws Fault `source-signature`, `source-unreachable`, `missing-tool`
 */
export const archiveIndices = async (
  release: string,
  index: Index,
  store: Store,
  context: SourceContext,
): Promise<readonly IndexText[]> =>
  withArchives(release, index, store, context, async (file) => readIndices(file, context));
