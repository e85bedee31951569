import {mkdir, mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {printable, printableLine} from '../../model/printable.ts';
import {fileDigest} from '../store/source-files.ts';
import type {Store} from '../store/store.ts';
import {removeTree} from '../store/tree.ts';
import type {ToolOutcome} from '../system-tool.ts';
import type {SourceContext} from './context.ts';
import {requestFault, shownUrl, sourceFault, wrongDigest} from './faults.ts';
import type {Origin, RequestFrom} from './origin.ts';
import {withPartial, type Partial} from './partial.ts';
import {complaint, demandDone, runProgram} from './program.ts';

type Request = RequestFrom<'git'>;

type Repository = {
  folder: string;
  /** Runs git there, with the user's configuration: it may hold what a server asks for. */
  git: (...words: readonly string[]) => Promise<ToolOutcome>;
};

/** Nobody is there to answer a question; `ext::` and the like would run what an address says. */
const QUIET = {GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh'};
/** The tree as it is: what git would write into files of an archive tells how it was fetched, too. */
const WHOLE = '* -export-subst -export-ignore\n';
/** Nor must anybody's settings count. */
const UNCONFIGURED = {GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ATTR_NOSYSTEM: '1'};

const inRepository = async <T>(
  store: Store,
  context: SourceContext,
  work: (repository: Repository) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(path.join(store.folder, 'sources', 'git-'));
  const limits = {signal: context.signal, environment: QUIET};
  const git = async (...words: readonly string[]): Promise<ToolOutcome> =>
    runProgram('git', ['--git-dir', folder, ...words], limits);
  try {
    await git('init', '--quiet', '--bare');
    return await work({folder, git});
  } finally {
    await removeTree(folder);
  }
};

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const EVERYTHING = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

const ABSENT = /couldn't find remote ref|not our ref|no such remote ref|Needed a single revision/i;

const failed = (url: string, reference: string, said: ToolOutcome): Error =>
  ABSENT.test(said.stderr) || said.stderr === ''
    ? requestFault('source-reference', `${shownUrl(url)} has no ${printableLine(reference)}: ${complaint(said)}`)
    : sourceFault('source-unreachable', `${shownUrl(url)} cannot be had: ${complaint(said)}`);

/** The commit of a reference, fetched with its tree; with its history only where the server does not hand commits out alone. */
const fetchCommit = async ({git}: Repository, url: string, reference: string): Promise<string> => {
  const alone = await git('fetch', '--quiet', '--depth=1', '--no-tags', '--', url, reference);
  let from = 'FETCH_HEAD';
  if (alone.status !== 0) {
    if (!COMMIT.test(reference)) throw failed(url, reference, alone);
    const whole = await git('fetch', '--quiet', '--', url, ...EVERYTHING);
    if (whole.status !== 0) throw failed(url, reference, whole);
    from = reference;
  }
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${from}^{commit}`);
  if (commit.status !== 0) throw failed(url, reference, commit);
  return commit.stdout.trim();
};

const stem = (url: string): string =>
  path.basename(url.replace(/\/+$/, ''), '.git').replaceAll(/[^\w.+-]/g, '_') || 'git';

const pack = async (
  {folder, git}: Repository,
  request: Request,
  commit: string,
  partial: Partial,
  context: SourceContext,
): Promise<void> => {
  await mkdir(path.join(folder, 'info'), {recursive: true});
  await writeFile(path.join(folder, 'info/attributes'), WHOLE);
  const settings = ['-c', 'tar.umask=0022'];
  const words = ['archive', '--format=tar', `--prefix=${stem(request.url)}/`, `--output=${partial.file}`, commit];
  const said = await runProgram('git', ['--git-dir', folder, ...settings, ...words], {
    signal: context.signal,
    environment: UNCONFIGURED,
  });
  await demandDone(said, folder, (why) => sourceFault('source-git', `git could not pack ${commit}: ${why}`));
  // A submodule is a commit of another repository: it would be an empty folder, and be missed late.
  const tree = await git('ls-tree', '-r', commit);
  const [, submodule] = /^160000 commit [0-9a-f]+\t(.+)$/m.exec(tree.stdout) ?? [];
  if (submodule !== undefined)
    context.onNote?.(
      `${shownUrl(request.url)}: the submodule ${printable(submodule)} is left out; it is a source of its own`,
    );
};

const demandSafe = ({url, reference}: Request): void => {
  if (url.startsWith('-') || reference.startsWith('-') || reference.includes(':') || url.includes('::'))
    throw requestFault(
      'source-address',
      `${printable(url)} ${printable(reference)} is no address and reference of git`,
    );
};

const packed = async (request: Request, wanted: string, store: Store, partial: Partial, context: SourceContext) =>
  inRepository(store, context, async (repository) => {
    const commit = await fetchCommit(repository, request.url, wanted);
    await pack(repository, request, commit, partial, context);
    return {commit, sha256: await fileDigest(partial.file), size: await partial.size()};
  });

/** Repositories, by git itself. */
export const gitOrigin: Origin<Request> = {
  async resolve(_name, request, store, context) {
    demandSafe(request);
    return withPartial(store, `git ${request.url} ${request.reference}`, context.signal, async (partial) => {
      const {commit, sha256, size} = await packed(request, request.reference, store, partial, context);
      await store.addSource(sha256, partial.file);
      const name = `${stem(request.url)}-${commit.slice(0, 12)}.tar`;
      return {request, version: commit, files: [{name, sha256, size, urls: [request.url]}]};
    });
  },
  async fetch(_name, request, {file, version}, store, context) {
    demandSafe(request);
    return withPartial(store, file.sha256, context.signal, async (partial) => {
      const {sha256} = await packed(request, version, store, partial, context);
      if (sha256 === file.sha256) return store.addSource(sha256, partial.file);
      await partial.discard();
      const hint = 'the commit is the same, so it is packed otherwise: by another version of git?';
      throw wrongDigest(file.name, file.sha256, sha256, hint);
    });
  },
};
