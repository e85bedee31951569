import {chmod, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {fetchSource, resolveSource} from '../../../engine/effects/sources/index.ts';
import type {LockedSource} from '../../../engine/stages/sources/lock.ts';
import {faultOf, sha256, someBytes, sourceBench, unfinished} from '../../support/sources/bench.ts';
import {fileReply} from '../../support/sources/server.ts';

const BYTES = someBytes(300_000);

const locked = (urls: readonly string[], bytes: Buffer = BYTES): LockedSource => ({
  request: {from: 'url', url: urls[0] ?? ''},
  version: 'a.tar',
  files: [{name: 'a.tar', sha256: sha256(bytes), size: bytes.length, urls}],
});

test('a file is pinned by what came, and lies in the store by its name, read-only', async (t) => {
  const {store, context, serve, progress} = await sourceBench(t);
  const {url, seen} = await serve((one) => fileReply(BYTES, '"1"', one));
  const source = await resolveSource('x', {from: 'url', url: `${url}/a.tar`}, store, context);
  t.deepEqual(source.files, [{name: 'a.tar', sha256: sha256(BYTES), size: BYTES.length, urls: [`${url}/a.tar`]}]);
  const folder = await fetchSource('x', source, store, {...context, offline: true});
  t.true((await readFile(path.join(folder, 'a.tar'))).equals(BYTES));
  t.true(folder.startsWith(store.folder));
  t.is(seen.length, 1);
  t.deepEqual(progress.at(-1), {name: 'a.tar', bytes: BYTES.length, total: BYTES.length});
  t.deepEqual(await unfinished(store), []);
});

test('a connection that is cut is gone on with where it was, and no byte comes twice', async (t) => {
  const {store, context, serve, notes, cutAt} = await sourceBench(t);
  const {url, seen} = await serve((one, nth) =>
    fileReply(BYTES, '"1"', one, nth < 3 ? cutAt(100_000, nth * 100_000) : {}),
  );
  const folder = await fetchSource('x', locked([`${url}/a.tar`]), store, context);
  t.true((await readFile(path.join(folder, 'a.tar'))).equals(BYTES));
  t.deepEqual(
    seen.map(({headers}) => headers.range),
    [undefined, 'bytes=100000-', 'bytes=200000-'],
  );
  t.is(notes.length, 2);
});

test('after a run that was cut off for good the next one goes on', async (t) => {
  const {store, context, serve, cutAt} = await sourceBench(t);
  let broken = true;
  const {url, seen} = await serve((one) =>
    broken && one.headers.range !== undefined
      ? {status: 502}
      : fileReply(BYTES, '"1"', one, broken ? cutAt(120_000) : {}),
  );
  const fault = await faultOf(t, fetchSource('x', locked([`${url}/a.tar`]), store, context));
  t.is(fault.code, 'source-unreachable');
  t.regex(fault.message, /cannot be had: it answered 502/);
  broken = false;
  await fetchSource('x', locked([`${url}/a.tar`]), store, context);
  t.is(seen.at(-1)?.headers.range, 'bytes=120000-');
});

test('Ctrl-C keeps what has come', async (t) => {
  const {store, context, serve, abort, cutAt} = await sourceBench(t);
  const {url, seen} = await serve((one, nth) => fileReply(BYTES, '"1"', one, nth === 1 ? cutAt(150_000) : {}));
  const stop = {...context, onNote: () => abort.abort()};
  t.is((await faultOf(t, fetchSource('x', locked([`${url}/a.tar`]), store, stop))).code, 'interrupted');
  await fetchSource('x', locked([`${url}/a.tar`]), store, {...context, signal: new AbortController().signal});
  t.is(seen.at(-1)?.headers.range, 'bytes=150000-');
});

test('a file that changed meanwhile is fetched whole', async (t) => {
  const {store, context, serve, cutAt} = await sourceBench(t);
  const old = someBytes(BYTES.length);
  const {url, seen} = await serve((one, nth) =>
    nth === 1 ? fileReply(old, '"old"', one, cutAt(50_000)) : fileReply(BYTES, '"new"', one),
  );
  const folder = await fetchSource('x', locked([`${url}/a.tar`]), store, context);
  t.true((await readFile(path.join(folder, 'a.tar'))).equals(BYTES));
  t.is(seen.length, 2);
});

test('a server that knows no ranges, or has no such part any more', async (t) => {
  const {store, context, serve, cutAt} = await sourceBench(t);
  const {url} = await serve((_one, nth) => {
    if (nth === 1) return {headers: {etag: '"1"'}, body: BYTES, ...cutAt(50_000)};
    return nth === 2 ? {status: 416} : {headers: {etag: '"1"'}, body: BYTES};
  });
  const folder = await fetchSource('x', locked([`${url}/a.tar`]), store, context);
  t.true((await readFile(path.join(folder, 'a.tar'))).equals(BYTES));
});

test('other bytes than the pinned ones stop everything, and both digests are told', async (t) => {
  const {store, context, serve} = await sourceBench(t);
  const other = someBytes(BYTES.length);
  const {url} = await serve((one) => fileReply(other, '"1"', one));
  const fault = await faultOf(t, fetchSource('x', locked([`${url}/a.tar`]), store, context));
  t.is(fault.code, 'wrong-digest');
  t.true(fault.message.includes(sha256(other)) && fault.message.includes(sha256(BYTES)));
  t.is(await store.source(sha256(other)), undefined);
  t.deepEqual(await unfinished(store), []);
});

test('another length than the pinned one is told before it is fetched', async (t) => {
  const {store, context, serve, progress} = await sourceBench(t);
  const {url} = await serve((one) => fileReply(Buffer.concat([BYTES, BYTES]), '"1"', one));
  const fault = await faultOf(t, fetchSource('x', locked([`${url}/a.tar`]), store, context));
  t.is(fault.code, 'wrong-length');
  t.regex(fault.message, /600000 bytes, not 300000/);
  t.deepEqual(progress, []);
});

test('one place after the other is tried; when all have lost it the lock is stale', async (t) => {
  const {store, context, serve} = await sourceBench(t);
  const {url} = await serve((one) => (one.path === '/good' ? fileReply(BYTES, '"1"', one) : {status: 404}));
  const stale = await faultOf(t, fetchSource('x', locked([`${url}/a`, `${url}/b`]), store, context));
  t.is(stale.code, 'stale-lock');
  t.regex(stale.hint ?? '', /`linerate lock --update x`/);
  const folder = await fetchSource('x', locked([`${url}/a`, `${url}/good`]), store, context);
  t.true((await readFile(path.join(folder, 'a.tar'))).equals(BYTES));
});

test('one file that is not what was pinned ends the downloads of the others, which go on the next time', async (t) => {
  const {store, context, serve, progress} = await sourceBench(t);
  const started = (): boolean => progress.some(({name, bytes}) => name === 'a.tar' && bytes >= 200_000);
  let wrong = true;
  const {url, seen} = await serve(async (one, nth) => {
    if (one.path === '/a.tar')
      return fileReply(BYTES, '"1"', one, nth === 1 ? {cut: {after: 200_000, arrived: () => false}} : {});
    while (!started()) await pause(5);
    return {body: wrong ? 'wrong' : 'right'};
  });
  const source = locked([`${url}/a.tar`]);
  const other = {name: 'b', sha256: sha256('right'), size: 5, urls: [`${url}/b`]};
  const both = {...source, files: [...source.files, other]};
  const fault = await faultOf(t, fetchSource('x', both, store, context));
  t.is(fault.code, 'wrong-digest');
  wrong = false;
  await fetchSource('x', both, store, context);
  t.is(seen.findLast(({path}) => path === '/a.tar')?.headers.range, 'bytes=200000-');
});

test('a source that the store has damaged is fetched again', async (t) => {
  const {store, context, serve} = await sourceBench(t);
  const {url} = await serve((one) => fileReply(BYTES, '"1"', one));
  const folder = await fetchSource('x', locked([`${url}/a.tar`]), store, context);
  await chmod(path.join(folder, 'a.tar'), 0o644);
  await writeFile(path.join(folder, 'a.tar'), 'damaged');
  t.is(
    (await faultOf(t, fetchSource('x', locked([`${url}/a.tar`]), store, {...context, offline: true}))).code,
    'source-offline',
  );
  const again = await fetchSource('x', locked([`${url}/a.tar`]), store, context);
  t.true((await readFile(path.join(again, 'a.tar'))).equals(BYTES));
});

test('two that want the same file at once fetch it once after the other, and both have it', async (t) => {
  const {store, context, serve} = await sourceBench(t);
  const {url} = await serve((one) => fileReply(BYTES, '"1"', one));
  const both = await Promise.all([1, 2].map(async () => fetchSource('x', locked([`${url}/a.tar`]), store, context)));
  t.is(both[0], both[1]);
  t.deepEqual(await unfinished(store), []);
});

test('nobody listens: it says so after some attempts', async (t) => {
  const {store, context, serve, notes} = await sourceBench(t);
  const gone = await serve(() => ({}));
  await gone.close();
  const fault = await faultOf(t, fetchSource('x', locked([`${gone.url}/a.tar`]), store, context));
  t.is(fault.code, 'source-unreachable');
  t.regex(fault.message, /ECONNREFUSED/);
  t.is(notes.length, 3);
});
