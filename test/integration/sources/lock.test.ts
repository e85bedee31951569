import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {lockSources, type LockOptions} from '../../../engine/actions/lock.ts';
import {Faults} from '../../../engine/model/fault.ts';
import type {SourceRequest} from '../../../engine/stages/sources/lock.ts';
import {linerate} from '../../support/cli.ts';
import {faultOf, sha256, sourceBench, type Bench} from '../../support/sources/bench.ts';
import {commitOf, tagsReply} from '../../support/sources/github-answers.ts';

/** A project with two sources on a server whose content a test may change. */
const project = async (t: ExecutionContext) => {
  const bench = await sourceBench(t);
  const content = new Map([
    ['/a', 'one'],
    ['/b', 'two'],
  ]);
  const server = await bench.serve(({path}) => {
    const body = content.get(path);
    return body === undefined ? {status: 404} : {body};
  });
  const request = (name: string): SourceRequest => ({from: 'url', url: `${server.url}/${name}`});
  const options: LockOptions = {
    requests: {'kernels/a': request('a'), 'kernels/b': request('b')},
    all: true,
    update: 'none',
    fetch: false,
    root: bench.folder,
    store: bench.store,
    context: bench.context,
  };
  return {...bench, content, server, request, options};
};

const lockText = async ({folder}: Bench): Promise<string> => readFile(path.join(folder, 'sources.lock.json'), 'utf8');

const states = async (options: LockOptions): Promise<readonly string[]> =>
  (await lockSources(options)).map(({name, state}) => `${name} ${state}`);

test('what is pinned stays pinned until it is updated', async (t) => {
  const here = await project(t);
  t.deepEqual(await states(here.options), ['kernels/a pinned', 'kernels/b pinned']);
  const before = await lockText(here);
  here.content.set('/a', 'newer');
  const asked = here.server.seen.length;
  t.deepEqual(await states(here.options), ['kernels/a kept', 'kernels/b kept']);
  t.is(here.server.seen.length, asked);
  t.is(await lockText(here), before);
  t.deepEqual(await states({...here.options, update: ['kernels/a']}), ['kernels/a updated']);
  t.true((await lockText(here)).includes('"kernels/b"'));
  t.true((await lockText(here)).includes(sha256('newer')));
});

test('one that fails leaves the lock as it was, and all that fail are told', async (t) => {
  const here = await project(t);
  await lockSources(here.options);
  const before = await lockText(here);
  here.content.set('/a', 'newer');
  const requests = {...here.options.requests, 'kernels/c': here.request('c'), 'kernels/d': here.request('d')};
  const faults = await t.throwsAsync<Faults>(lockSources({...here.options, requests, update: 'all'}), {
    instanceOf: Faults,
  });
  t.deepEqual(
    faults?.errors.map(({code}) => code),
    ['source-gone', 'source-gone'],
  );
  t.is(await lockText(here), before);
});

test('a request that has changed is pinned anew, and what nobody asks for is dropped', async (t) => {
  const here = await project(t);
  await lockSources(here.options);
  const requests = {'kernels/a': here.request('b')};
  t.deepEqual(await states({...here.options, requests, all: false}), ['kernels/a updated']);
  t.true((await lockText(here)).includes('"kernels/b"'));
  t.deepEqual(await states({...here.options, requests}), ['kernels/a kept', 'kernels/b dropped']);
  t.false((await lockText(here)).includes('"kernels/b"'));
});

test('offline: all there, or what is missing', async (t) => {
  const here = await project(t);
  const offline = {...here.options, context: {...here.context, offline: true}};
  const unpinned = await t.throwsAsync<Faults>(lockSources(offline), {instanceOf: Faults});
  t.deepEqual(
    unpinned?.errors.map(({message}) => message),
    [
      'kernels/a is not pinned, and nothing is asked with --offline',
      'kernels/b is not pinned, and nothing is asked with --offline',
    ],
  );
  await lockSources(here.options);
  const asked = here.server.seen.length;
  t.deepEqual(await states(offline), ['kernels/a kept', 'kernels/b kept']);
  t.is(here.server.seen.length, asked);
});

test('a released tag that was moved stops an update, with both digests', async (t) => {
  const here = await project(t);
  const tags = {list: tagsReply(['v1.0.0']), body: 'one'};
  const api = await here.serve(({path}) => (path.includes('/tags?') ? tags.list : {body: tags.body}));
  const request = {from: 'github', repository: 'a/b', version: '^1', api: api.url} as const;
  const options = {...here.options, requests: {tool: request}};
  await lockSources(options);
  const before = await lockText(here);
  tags.body = 'two';
  const moved = String(tags.list.body).replaceAll(commitOf('v1.0.0'), commitOf('other'));
  tags.list = {...tags.list, body: moved};
  const faults = await t.throwsAsync<Faults>(lockSources({...options, update: 'all'}), {instanceOf: Faults});
  const [fault] = faults?.errors ?? [];
  t.is(fault?.code, 'wrong-digest');
  t.true((fault?.message.includes(sha256('one')) ?? false) && (fault?.message.includes(sha256('two')) ?? false));
  t.is(await lockText(here), before);
});

test('a lock that a merge has left half-made is told by its line, and is not written over', async (t) => {
  const here = await project(t);
  await writeFile(path.join(here.folder, 'sources.lock.json'), '{\n<<<<<<< HEAD\n}');
  const fault = await faultOf(t, lockSources(here.options));
  t.is(fault.at, 'sources.lock.json:2');
  t.is(await lockText(here), '{\n<<<<<<< HEAD\n}');
});

test('the command: what is pinned is told, and what is not in the store', async (t) => {
  const {folder} = await sourceBench(t);
  const store = ['--store', path.join(folder, 'store')];
  const kept = await linerate(['lock', 'kernels/lab-6.1', ...store]);
  t.is(kept.status, 0, kept.stderr);
  t.regex(kept.stdout, /^kernels\/lab-6\.1 {2}kept +6\.1\.\S+ \(1 file, \d+\.\d MiB\)\n$/);
  const json = await linerate(['lock', 'kernels/lab-6.1', '--json', ...store]);
  t.is((JSON.parse(json.stdout) as {sources: readonly {state: string}[]}).sources[0]?.state, 'kept');
  const offline = await linerate(['lock', 'kernels/lab-6.1', '--offline', ...store]);
  t.is(offline.status, 1);
  t.regex(offline.stderr, /linux-source-6\.1_\S+ of kernels\/lab-6\.1 is not in the store, and nothing is fetched/);
  const unknown = await linerate(['lock', 'kernels/lap-6.1', ...store]);
  t.is(unknown.status, 1);
  t.regex(unknown.stderr, /did you mean "kernels\/lab-6\.1"/);
  const source = await linerate(['lock', 'kernels/lab-6.1', '--update', 'kernels/lab', ...store]);
  t.regex(source.stderr, /nothing asks for a source kernels\/lab/);
});
