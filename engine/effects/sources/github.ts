import type {Octokit} from '@octokit/rest';
import {Fault} from '../../model/fault.ts';
import {printable, printableLine} from '../../model/printable.ts';
import type {LockedFile} from '../../stages/sources/lock.ts';
import {chooseTag, matching} from '../../stages/sources/tags.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';
import {download} from './download.ts';
import {requestFault, sourceFault} from './faults.ts';
import {fetchFile} from './fetch-file.ts';
import {apiOf, authorizationFor, githubClient} from './github-api.ts';
import type {Origin, RequestFrom} from './origin.ts';
import {withPartial} from './partial.ts';

type Request = RequestFrom<'github'>;
type Place = {owner: string; repo: string};

const placeOf = ({repository}: Request): Place => {
  const [owner = '', repo = ''] = repository.split('/');
  return {owner, repo};
};

/** Octokit's own error, for an answer that is no success. */
const isAnswer = (error: unknown): error is Error & {status: number} =>
  error instanceof Error && 'status' in error && typeof error.status === 'number';

const asFault = (request: Request, api: string, what: string, error: unknown): unknown => {
  if (error instanceof Fault || !isAnswer(error)) return error;
  const where = `${printable(request.repository)} at ${printable(api)}`;
  if (error.status === 404)
    return requestFault(
      'source-gone',
      `${where} has no ${what}, or hides it`,
      'a private one needs GITHUB_TOKEN or GH_TOKEN',
    );
  if (error.status === 401 || error.status === 403)
    return requestFault(
      'source-refused',
      `${where} refuses ${what}: ${printableLine(error.message)}`,
      'is the token still good?',
    );
  return sourceFault('source-answer', `${where}: ${what}: ${printableLine(error.message)}`);
};

/** Octokit wraps what our own requests throw. */
const unwrapped = (error: unknown): unknown => {
  for (let inner = error; inner instanceof Error; inner = inner.cause) if (inner instanceof Fault) return inner;
  return error;
};

const asked = async <T>(request: Request, api: string, what: string, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    throw asFault(request, api, what, unwrapped(error));
  }
};

const chosenTag = async (client: Octokit, request: Request, api: string, context: SourceContext) => {
  const listing = client.paginate(client.rest.repos.listTags, {...placeOf(request), per_page: 100});
  const tags = await asked(request, api, 'tags', listing);
  const choice = chooseTag(
    tags.map(({name}) => name),
    request.version,
  );
  if ('none' in choice) throw requestFault('source-version', `${printable(request.repository)}: ${choice.none}`);
  if (choice.ignored > 0)
    context.onNote?.(
      `${request.repository}: ${String(choice.ignored)} tags are no semantic versions, and do not count`,
    );
  const commit = tags.find(({name}) => name === choice.tag)?.commit.sha ?? '';
  return {tag: choice.tag, commit};
};

type Wanted = {name: string; urls: readonly string[]; size?: number; sha256?: string};

const fileName = (text: string): string => text.replaceAll(/[^\w.+~-]/g, '_');

/** By its commit: a tag may be moved, a commit cannot. */
const tarball = (request: Request, api: string, tag: string, commit: string): Wanted => ({
  name: fileName(`${placeOf(request).repo}-${tag}.tar.gz`),
  urls: [`${api}/repos/${request.repository}/tarball/${commit}`],
});

const assetOf = async (client: Octokit, request: Request, api: string, tag: string, asset: string): Promise<Wanted> => {
  const release = client.rest.repos.getReleaseByTag({...placeOf(request), tag});
  const {assets} = (await asked(request, api, `release of ${printable(tag)}`, release)).data;
  const names = matching(
    assets.map(({name}) => name),
    asset,
  );
  const found = assets.find(({name}) => name === names[0]);
  if (!found || names.length > 1) {
    const there = assets.map(({name}) => name).join(', ');
    const how = names.length > 1 ? `${String(names.length)} assets match` : 'no asset matches';
    throw requestFault(
      'source-asset',
      `${printable(request.repository)} ${printable(tag)}: ${how} ${printable(asset)}`,
      printableLine(`there are: ${there === '' ? 'none' : there}`),
    );
  }
  const [, sha256] = /^sha256:([0-9a-f]{64})$/.exec(found.digest ?? '') ?? [];
  return {
    name: fileName(found.name),
    urls: [found.url, found.browser_download_url],
    size: found.size,
    ...(sha256 === undefined ? {} : {sha256}),
  };
};

/** An asset's address gives a description of it unless bytes are asked for. */
const credentials = (request: Request, api: string, context: SourceContext) => (url: string) => ({
  headers: request.asset === undefined ? {} : {accept: 'application/octet-stream'},
  ...authorizationFor(api, url, context),
});

const takeIn = async (request: Request, api: string, wanted: Wanted, store: Store, context: SourceContext) =>
  withPartial(store, wanted.urls.join(' '), context.signal, async (partial): Promise<LockedFile> => {
    const {urls, ...rest} = wanted;
    const [url = ''] = urls;
    const sha256 = await download(
      {...rest, url, pinned: false, ...credentials(request, api, context)(url)},
      partial,
      context,
    );
    const size = await partial.size();
    await store.addSource(sha256, partial.file);
    return {name: wanted.name, sha256, size, urls};
  });

/** Tags and releases of GitHub, or of an enterprise's own. */
export const githubOrigin: Origin<Request> = {
  async resolve(_name, request, store, context) {
    const api = apiOf(request, context);
    const client = githubClient(api, store, context);
    const {tag, commit} = await chosenTag(client, request, api, context);
    const wanted =
      request.asset === undefined
        ? tarball(request, api, tag, commit)
        : await assetOf(client, request, api, tag, request.asset);
    return {request, version: tag, files: [await takeIn(request, api, wanted, store, context)]};
  },
  fetch: async (name, request, {file}, store, context) =>
    fetchFile(name, file, store, context, credentials(request, apiOf(request, context), context)),
};
