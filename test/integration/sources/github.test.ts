import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {SourceContext} from '../../../engine/effects/sources/context.ts';
import {fetchSource, resolveSource} from '../../../engine/effects/sources/index.ts';
import {faultOf, sha256, someBytes, sourceBench} from '../../support/sources/bench.ts';
import {commitOf, releaseReply, tagsReply} from '../../support/sources/github-answers.ts';
import {githubDouble, type OwnReply} from '../../support/sources/github.ts';
import {fileReply} from '../../support/sources/server.ts';

const BYTES = someBytes(80_000);
const REQUEST = {from: 'github', repository: 'a/b', version: '^1.2'} as const;
const TAGS = '/repos/a/b/tags?per_page=100';

/** GitHub, and another host where it keeps its files. */
const githubBench = async (
  t: ExecutionContext,
  own: (files: string) => OwnReply,
  more: Partial<SourceContext> = {},
) => {
  const bench = await sourceBench(t, more);
  const files = await bench.serve((one) => fileReply(BYTES, '"1"', one));
  const double = await githubDouble(own(files.url));
  const api = await bench.serve(double.answer);
  const environment = {GITHUB_API_URL: api.url, GITHUB_TOKEN: 'secret', ...more.environment};
  return {...bench, api, files, violations: double.violations, context: {...bench.context, environment}};
};

const tarballAt = (files: string, seen: {path: string}) =>
  seen.path.startsWith('/repos/a/b/tarball/') ? {status: 302, headers: {location: `${files}/archive`}} : undefined;

test('a range becomes a tag and its commit’s tarball; the token stays with GitHub', async (t) => {
  const {violations, store, context, api, files, notes} = await githubBench(
    t,
    (at) => (seen) =>
      seen.path === TAGS ? tagsReply(['v1.2.3', 'v1.10.0', 'v2.0.0', 'nightly']) : tarballAt(at, seen),
  );
  const source = await resolveSource('x', REQUEST, store, context);
  t.is(source.version, 'v1.10.0');
  t.deepEqual(source.files, [
    {
      name: 'b-v1.10.0.tar.gz',
      sha256: sha256(BYTES),
      size: BYTES.length,
      urls: [`${api.url}/repos/a/b/tarball/${commitOf('v1.10.0')}`],
    },
  ]);
  t.true(api.seen.every(({headers}) => headers.authorization === 'Bearer secret'));
  t.deepEqual(
    files.seen.map(({headers}) => headers.authorization),
    [undefined],
  );
  t.deepEqual(notes, ['a/b: 1 tags are no semantic versions, and do not count']);
  const folder = await fetchSource('x', source, store, {...context, offline: true});
  t.true((await readFile(path.join(folder, 'b-v1.10.0.tar.gz'))).equals(BYTES));
  t.deepEqual(violations, []);
});

test('GitHub’s own example of an answer is understood', async (t) => {
  const {violations, store, context} = await githubBench(t, (at) => (seen) => tarballAt(at, seen));
  const source = await resolveSource('x', {...REQUEST, version: 'v0.1'}, store, context);
  t.is(source.version, 'v0.1');
  t.regex(source.files[0]?.urls[0] ?? '', /\/tarball\/c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc$/);
  t.deepEqual(violations, []);
});

test('all pages of tags are read', async (t) => {
  let api = '';
  const bench = await githubBench(t, (at) => (seen) => {
    if (seen.path === TAGS) return tagsReply(['v1.2.0'], {link: `<${api}${TAGS}&page=2>; rel="next"`});
    return seen.path === `${TAGS}&page=2` ? tagsReply(['v1.3.0']) : tarballAt(at, seen);
  });
  api = bench.api.url;
  t.is((await resolveSource('x', REQUEST, bench.store, bench.context)).version, 'v1.3.0');
  t.deepEqual(bench.violations, []);
});

test('a listing that has not changed is not sent again', async (t) => {
  const {violations, store, context, api} = await githubBench(t, (at) => (seen) => {
    if (seen.path !== TAGS) return tarballAt(at, seen);
    return seen.headers['if-none-match'] === '"tags"' ? {status: 304} : tagsReply(['v1.2.0'], {etag: '"tags"'});
  });
  for (const _time of [1, 2]) t.is((await resolveSource('x', REQUEST, store, context)).version, 'v1.2.0');
  t.deepEqual(
    api.seen.filter(({path}) => path === TAGS).map(({headers}) => headers['if-none-match']),
    [undefined, '"tags"'],
  );
  t.deepEqual(violations, []);
});

test('a limit that ends soon is waited out; a server’s own trouble, or a listing that is cut off, is tried again', async (t) => {
  const {violations, store, context, api, notes} = await githubBench(t, (at) => (seen, nth) => {
    if (seen.path !== TAGS) return tarballAt(at, seen);
    if (nth === 1) return {status: 429, headers: {'retry-after': '0', 'x-ratelimit-remaining': '0'}};
    if (nth === 2) return {status: 502};
    if (nth === 3) return {...tagsReply(['v1.2.0']), cut: {after: 20, arrived: () => true}};
    return tagsReply(['v1.2.0']);
  });
  t.is((await resolveSource('x', REQUEST, store, context)).version, 'v1.2.0');
  t.is(api.seen.filter(({path}) => path === TAGS).length, 4);
  t.true(notes.some((note) => note.includes('limits requests: waits 0 s')));
  t.deepEqual(violations, []);
});

test('a limit that lasts is told at once', async (t) => {
  const reset = String(Math.floor(Date.now() / 1000) + 3000);
  const {violations, store, context, api} = await githubBench(t, () => () => ({
    status: 403,
    headers: {'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset},
  }));
  const fault = await faultOf(t, resolveSource('x', REQUEST, store, context));
  t.is(fault.code, 'source-limit');
  t.regex(fault.message, /wants no more requests for (?:29\d\d|300\d) s/);
  t.regex(fault.hint ?? '', /GITHUB_TOKEN/);
  t.is(api.seen.length, 1);
  t.deepEqual(violations, []);
});

const asset = (api: string, files: string, name: string, digest: string | null) => ({
  name,
  size: BYTES.length,
  digest,
  url: `${api}/repos/a/b/releases/assets/${String(name.length)}`,
  download: `${files}/${name}`,
});

const releaseBench = async (t: ExecutionContext, digest: string | null) => {
  const at = {api: ''};
  const bench = await githubBench(t, (files) => (seen) => {
    if (seen.path === TAGS) return tagsReply(['v1.2.0']);
    if (seen.path.startsWith('/repos/a/b/releases/assets/'))
      return {status: 302, headers: {location: `${files}/asset`}};
    const names = ['b-1.2.0.tar.gz', 'b-1.2.0.tar.gz.asc'];
    return releaseReply(
      'v1.2.0',
      names.map((name) => asset(at.api, files, name, digest)),
    );
  });
  at.api = bench.api.url;
  return bench;
};

test('an asset of a release, whose digest GitHub knows, comes from another host without the token', async (t) => {
  const {violations, store, context, api, files} = await releaseBench(t, `sha256:${sha256(BYTES)}`);
  const source = await resolveSource('x', {...REQUEST, asset: 'b-*.tar.gz'}, store, context);
  t.deepEqual(source.files[0]?.urls, [`${api.url}/repos/a/b/releases/assets/14`, `${files.url}/b-1.2.0.tar.gz`]);
  t.is(api.seen.at(-1)?.headers.accept, 'application/octet-stream');
  t.is(files.seen[0]?.headers.authorization, undefined);
  t.deepEqual(violations, []);
});

test('an asset that is not what GitHub says it is stops everything', async (t) => {
  const {violations, store, context} = await releaseBench(t, `sha256:${'0'.repeat(64)}`);
  const fault = await faultOf(t, resolveSource('x', {...REQUEST, asset: 'b-*.tar.gz'}, store, context));
  t.is(fault.code, 'wrong-digest');
  t.deepEqual(violations, []);
});

test('an asset that is not there, or not one', async (t) => {
  const {violations, store, context} = await releaseBench(t, null);
  const none = await faultOf(t, resolveSource('x', {...REQUEST, asset: 'c.zip'}, store, context));
  t.is(none.message, 'x: a/b v1.2.0: no asset matches c.zip');
  t.is(none.hint, 'there are: b-1.2.0.tar.gz, b-1.2.0.tar.gz.asc');
  const many = await faultOf(t, resolveSource('x', {...REQUEST, asset: 'b-*'}, store, context));
  t.is(many.message, 'x: a/b v1.2.0: 2 assets match b-*');
  t.deepEqual(violations, []);
});

test('a repository that is not there, or hidden', async (t) => {
  const {violations, store, context} = await githubBench(t, () => () => ({
    status: 404,
    body: '{"message":"Not Found"}',
  }));
  const fault = await faultOf(t, resolveSource('x', REQUEST, store, context));
  t.is(fault.code, 'source-gone');
  t.regex(fault.hint ?? '', /GITHUB_TOKEN/);
  t.deepEqual(violations, []);
});

test('an enterprise’s own GitHub gets its own token, never the one for github.com', async (t) => {
  const environment = {GITHUB_API_URL: 'https://api.github.com', GITHUB_TOKEN: 'secret', GH_ENTERPRISE_TOKEN: 'theirs'};
  const {violations, store, context, api} = await githubBench(
    t,
    (at) => (seen) => (seen.path === TAGS ? tagsReply(['v1.2.0']) : tarballAt(at, seen)),
    {environment},
  );
  const source = await resolveSource('x', {...REQUEST, api: api.url}, store, context);
  t.true(api.seen.every(({headers}) => headers.authorization === 'Bearer theirs'));
  t.is(source.files[0]?.urls[0], `${api.url}/repos/a/b/tarball/${commitOf('v1.2.0')}`);
  t.deepEqual(violations, []);
});
