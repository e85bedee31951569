import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {createLogger} from '@stoplight/prism-core';
import {createInstance, getHttpOperationsFromSpec, type IHttpRequest} from '@stoplight/prism-http';
import {validateOutput} from '@stoplight/prism-http/dist/validator/index.js';
import type {Answering, Reply, Seen} from './server.ts';

type Node = Readonly<Record<string, unknown>>;
type Description = {paths: Record<string, {get: Node}>; components: Record<string, Record<string, Node>>} & Node;

/** What linerate asks of GitHub. */
const PATHS = [
  '/repos/{owner}/{repo}/tags',
  '/repos/{owner}/{repo}/tarball/{ref}',
  '/repos/{owner}/{repo}/releases/tags/{tag}',
  '/repos/{owner}/{repo}/releases/assets/{asset_id}',
];

const published = (): Description => {
  const own = createRequire(import.meta.url).resolve('@octokit/openapi');
  return JSON.parse(readFileSync(own.replace(/index\.js$/, 'generated/api.github.com.json'), 'utf8')) as Description;
};

/** GitHub's published description, cut down to these paths and what they refer to: the whole takes a minute to read. */
const described = (): Node => {
  const {paths, components, openapi, info, servers} = published();
  const wanted = Object.fromEntries(PATHS.map((path) => [path, {get: paths[path]?.get}]));
  const needed: Record<string, Record<string, unknown>> = {};
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(.+)$/.exec(key === '$ref' ? String(value) : '') ?? [];
      if (name === '') visit(value);
      else if (needed[kind]?.[name] === undefined) {
        (needed[kind] ??= {})[name] = components[kind]?.[name];
        visit(components[kind]?.[name]);
      }
    }
  };
  visit(wanted);
  return {openapi, info, servers, paths: wanted, components: needed};
};

/** What a double of GitHub answers with itself; undefined leaves it to the description's own examples. */
export type OwnReply = (seen: Seen, nth: number) => Reply | undefined;

export type GithubDouble = {
  answer: Answering;
  /** What in requests and answers is not as GitHub describes it; empty at the end of a test. */
  violations: string[];
};

/** Without `accept`: GitHub's own media types, which it recommends in words, are not in its description. */
const requestOf = ({method, path, headers: {accept: _accept, ...headers}}: Seen): IHttpRequest => {
  const url = new URL(path, 'http://localhost');
  return {
    method: method.toLowerCase() as 'get',
    url: {path: url.pathname, query: Object.fromEntries(url.searchParams)},
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  };
};

const jsonOf = (body: Reply['body']): unknown => {
  try {
    return JSON.parse(String(body)) as unknown;
  } catch {
    return undefined;
  }
};

const matches = (template: string, path: string): boolean =>
  new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);

/** GitHub as it describes itself: Prism checks each request, gives the examples, and checks the answers that tests give. */
export const githubDouble = async (own: OwnReply): Promise<GithubDouble> => {
  const operations = await getHttpOperationsFromSpec(described());
  const prism = createInstance(
    {
      isProxy: false,
      checkSecurity: false,
      errors: true,
      validateRequest: true,
      validateResponse: true,
      mock: {dynamic: false},
      upstreamProxy: undefined,
    },
    {logger: createLogger('github', {enabled: false})},
  );
  const violations: string[] = [];
  const example = async (seen: Seen): Promise<Reply> => {
    const result = await prism.request(requestOf(seen), operations)();
    if (result._tag === 'Left') {
      violations.push(`${seen.path}: ${result.left.message}`);
      return {status: 500};
    }
    const {output, validations} = result.right;
    violations.push(...[...validations.input, ...validations.output].map(({message}) => `${seen.path}: ${message}`));
    // Its example of a next page is one of the real GitHub's.
    const headers = Object.fromEntries(Object.entries(output.headers ?? {}).filter(([name]) => name !== 'Link'));
    return {status: output.statusCode, headers, body: JSON.stringify(output.body)};
  };
  const check = (seen: Seen, {status = 200, headers = {}, body}: Reply): void => {
    const resource = operations.find(({path}) => matches(path, requestOf(seen).url.path));
    // What is not described is a server's own trouble, not GitHub's answer.
    if (!resource?.responses.some(({code}) => code === String(status))) return;
    const checked = validateOutput({
      resource,
      element: {statusCode: status, headers: {...headers}, body: jsonOf(body)},
    });
    if (checked._tag === 'Left')
      violations.push(...checked.left.map(({message, path = []}) => `${seen.path}: ${path.join('.')} ${message}`));
  };
  return {
    violations,
    async answer(seen, nth) {
      const fromExample = await example(seen);
      const reply = own(seen, nth);
      if (!reply) return fromExample;
      check(seen, reply);
      return reply;
    },
  };
};
