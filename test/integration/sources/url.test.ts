import {spawnSync} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {fetchSource, resolveSource} from '../../../engine/effects/sources/index.ts';
import {faultOf, sha256, someBytes, sourceBench, unfinished} from '../../support/sources/bench.ts';
import {signer} from '../../support/sources/keys.ts';

const BYTES = someBytes(40_000);

test('a pinned digest holds already when the source is locked', async (t) => {
  const {store, context, serve} = await sourceBench(t);
  const {url} = await serve(() => ({body: BYTES}));
  const wrong = {from: 'url', url: `${url}/a.tar`, sha256: '0'.repeat(64)} as const;
  const fault = await faultOf(t, resolveSource('x', wrong, store, context));
  t.is(fault.code, 'wrong-digest');
  t.true(fault.message.includes(sha256(BYTES)) && fault.message.includes(wrong.sha256));
  t.deepEqual(await unfinished(store), []);
  const right = await resolveSource('x', {...wrong, sha256: sha256(BYTES)}, store, context);
  t.is(right.version, 'a.tar');
});

test('a signature is checked with the keys of the folder, armoured or not', async (t) => {
  const {store, context, serve, folder} = await sourceBench(t);
  const [ours, another] = [await signer(t), await signer(t)];
  await writeFile(path.join(folder, 'ours.asc'), ours.publicKey(true));
  await writeFile(path.join(folder, 'ours.gpg'), ours.publicKey(false));
  await writeFile(path.join(folder, 'another.asc'), another.publicKey(true));
  const {url} = await serve(({path}) => ({body: path.endsWith('.sig') ? ours.detached(BYTES) : BYTES}));
  const request = (key: string) =>
    ({from: 'url', url: `${url}/a.tar`, signature: {url: `${url}/a.tar.sig`, key}}) as const;
  for (const key of ['ours.asc', 'ours.gpg']) {
    const source = await resolveSource('x', request(key), store, context);
    t.deepEqual(
      source.files.map(({name}) => name),
      ['a.tar', 'a.tar.sig'],
    );
  }
  const fault = await faultOf(t, resolveSource('x', request('another.asc'), store, context));
  t.is(fault.code, 'source-signature');
  t.regex(fault.message, /is not signed by a key of another\.asc: .*(?:No public key|Can't check signature)/);
  t.is((await faultOf(t, resolveSource('x', request('none.asc'), store, context))).code, 'source-key');
});

test('a signature of the tar inside, as kernel.org signs', async (t) => {
  const {store, context, serve, folder} = await sourceBench(t);
  const ours = await signer(t);
  await writeFile(path.join(folder, 'key.asc'), ours.publicKey(true));
  const {stdout: compressed} = spawnSync('xz', ['--stdout'], {input: BYTES});
  let signature = ours.detached(BYTES);
  const {url} = await serve(({path}) => ({body: path.endsWith('.sign') ? signature : compressed}));
  const signed = {url: `${url}/linux-6.1.tar.sign`, key: 'key.asc'};
  const request = {from: 'url', url: `${url}/linux-6.1.tar.xz`, signature: signed} as const;
  t.is((await resolveSource('x', request, store, context)).files[0]?.sha256, sha256(compressed));
  signature = ours.detached(compressed);
  t.is((await faultOf(t, resolveSource('x', request, store, context))).code, 'source-signature');
});

test('a redirect from https to http is not followed; nor is a circle for ever', async (t) => {
  const {store, context, serve} = await sourceBench(t);
  const {url, seen} = await serve(() => ({status: 302, headers: {location: '/round'}}));
  const round = await faultOf(t, resolveSource('x', {from: 'url', url: `${url}/a`}, store, context));
  t.is(round.code, 'source-redirect');
  t.is(seen.length, 6);
  const away = await serve(() => ({status: 302, headers: {location: 'http://example.org/b?token=1'}}));
  const fault = await faultOf(t, resolveSource('x', {from: 'url', url: `${away.url}/a`}, store, context));
  t.is(fault.message, `${away.url}/a leads to http://example.org/b, which is not followed`);
});

test('a server whose certificate nobody vouches for is refused at once', async (t) => {
  const {store, context, serve, notes} = await sourceBench(t);
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout - -out -';
  const made = spawnSync('openssl', words.split(' '), {encoding: 'utf8'});
  t.is(made.status, 0, made.stderr);
  const {url} = await serve(() => ({body: BYTES}), {key: made.stdout, cert: made.stdout});
  const fault = await faultOf(t, resolveSource('x', {from: 'url', url: `${url}/a`}, store, context));
  t.is(fault.code, 'source-unreachable');
  t.regex(fault.message, /self-signed certificate/);
  t.deepEqual(notes, []);
});

test('an address in the clear needs a digest, and none may hold a password', async (t) => {
  const {store, context} = await sourceBench(t);
  const plain = await faultOf(t, resolveSource('x', {from: 'url', url: 'http://example.org/a'}, store, context));
  t.is(plain.message, 'http://example.org/a is http, and no sha256 tells what must come from there');
  const secret = 'https://me:hush@example.org/a';
  const fault = await faultOf(t, resolveSource('x', {from: 'url', url: secret}, store, context));
  t.is(fault.code, 'source-address');
  t.false(fault.message.includes('hush'));
});

test('proxies of the environment are used', async (t) => {
  const {store, context, serve} = await sourceBench(t);
  const proxy = await serve(({path}) => ({body: path}));
  const environment = {http_proxy: proxy.url, HTTP_PROXY: proxy.url};
  const pinned = {from: 'url', url: 'http://nowhere.example/a', sha256: sha256('http://nowhere.example/a')} as const;
  const source = await resolveSource('x', pinned, store, {...context, environment});
  t.is(await fetchSource('x', source, store, {...context, offline: true}).then(() => proxy.seen.length), 1);
});
