import {mkdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {Octokit} from '@octokit/rest';
import * as v from 'valibot';
import {digestOf, writeWhole} from '../files.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';
import type {Answer} from './exchange.ts';
import {askText} from './persist.ts';

const DEFAULT = 'https://api.github.com';

/** The address of GitHub's API, or of an enterprise's own. */
export const apiOf = (request: {api?: string}, {environment}: SourceContext): string =>
  [request.api, environment['GITHUB_API_URL'], DEFAULT].find((api) => api)?.replace(/\/+$/, '') ?? DEFAULT;

const tokenNames = (api: string, {environment}: SourceContext): readonly string[] =>
  api === DEFAULT || api === environment['GITHUB_API_URL']?.replace(/\/+$/, '')
    ? ['GITHUB_TOKEN', 'GH_TOKEN']
    : // As gh does: what is meant for github.com goes nowhere else.
      ['GITHUB_ENTERPRISE_TOKEN', 'GH_ENTERPRISE_TOKEN'];

/** What goes with requests to an API's address, where the environment holds a token for it. */
export const authorizationFor = (api: string, url: string, context: SourceContext): {authorization?: string} => {
  if (URL.parse(url)?.origin !== URL.parse(api)?.origin) return {};
  const token = tokenNames(api, context)
    .map((name) => context.environment[name])
    .find((value) => value !== undefined && value !== '');
  return token === undefined ? {} : {authorization: `Bearer ${token}`};
};

const Kept = v.object({etag: v.string(), link: v.exactOptional(v.string()), body: v.string()});
type Kept = v.InferOutput<typeof Kept>;

const readKept = async (file: string): Promise<Kept | undefined> => {
  try {
    const parsed = v.safeParse(Kept, JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
};

const headersOf = ({headers}: Answer): Headers =>
  new Headers(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]],
    ),
  );

type Asked = {method?: string; headers?: Readonly<Record<string, string>>};

/** An answer as Octokit takes it, which asks for its address too. */
const response = (url: string, body: string, init: ResponseInit): Response =>
  Object.defineProperty(new Response(body, init), 'url', {value: url});

/**
 * What Octokit asks through: our own requests (proxies, limits, retries, Ctrl-C), and a listing that has not changed since is
 * not sent again, nor counted by GitHub.
 */
const fetchFor =
  (api: string, store: Store, context: SourceContext) =>
  async (url: string, {headers}: Asked) => {
    const authorization = authorizationFor(api, url, context);
    const file = path.join(
      store.folder,
      'sources',
      `${digestOf(`${url} ${authorization.authorization ?? ''}`)}.listing`,
    );
    const kept = await readKept(file);
    const conditional = kept === undefined ? {} : {'if-none-match': kept.etag};
    const {authorization: _none, ...plain} = {...headers};
    const what = {url, headers: {...plain, ...conditional}, ...authorization, pinned: false};
    const {answer, body} = await askText(what, context);
    if (answer.status === 304 && kept !== undefined)
      return response(url, kept.body, {
        status: 200,
        headers: {'content-type': 'application/json', ...(kept.link === undefined ? {} : {link: kept.link})},
      });
    const got = headersOf(answer);
    const [etag, link] = [got.get('etag'), got.get('link')];
    if (answer.status === 200 && etag !== null) {
      await mkdir(path.dirname(file), {recursive: true});
      await writeWhole(file, JSON.stringify({etag, ...(link === null ? {} : {link}), body}));
    }
    return response(url, body, {status: answer.status, headers: got});
  };

/** GitHub's client for one API. */
export const githubClient = (api: string, store: Store, context: SourceContext): Octokit =>
  new Octokit({
    baseUrl: api,
    userAgent: 'linerate',
    request: {fetch: fetchFor(api, store, context)},
    log: {debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined},
  });
