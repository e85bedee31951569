import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {SourceContext} from '../../../engine/effects/sources/context.ts';
import {fetchSource, resolveSource} from '../../../engine/effects/sources/index.ts';
import type {LockedSource} from '../../../engine/stages/sources/lock.ts';
import {outputOf} from '../../support/machines/command.ts';
import {faultOf, sha256, someBytes, sourceBench, unfinished, type Bench} from '../../support/sources/bench.ts';
import {addPackage, folderAnswer, publish, type Archive} from '../../support/sources/debian-archive.ts';
import {signer, type Signer} from '../../support/sources/keys.ts';

type Mirror = Bench & {main: Archive; security: Archive; by: Signer; url: string; settings: string};

/** A machine whose sources are a mirror of Debian's main and security archives, signed by a key of its own. */
const mirror = async (t: ExecutionContext): Promise<Mirror> => {
  const bench = await sourceBench(t);
  const by = await signer(t);
  const main: Archive = {folder: path.join(bench.folder, 'www/debian'), suite: 'bookworm', label: 'Debian'};
  const security: Archive = {
    folder: path.join(bench.folder, 'www/debian-security'),
    suite: 'bookworm-security',
    label: 'Debian-Security',
  };
  await addPackage(main, '1.0-1');
  await addPackage(main, '1.9-2');
  await addPackage(security, '1.10-1');
  for (const archive of [main, security]) await publish(archive, by);
  const {url} = await bench.serve(folderAnswer(path.join(bench.folder, 'www')));
  const [key, list, settings] = ['key.gpg', 'sources.list', 'apt.conf'].map((name) => path.join(bench.folder, name));
  await writeFile(key ?? '', by.publicKey(false));
  const line = (archive: string, suite: string) => `deb [signed-by=${key ?? ''}] ${url}/${archive} ${suite} main\n`;
  await writeFile(list ?? '', line('debian', 'bookworm') + line('debian-security', 'bookworm-security'));
  await writeFile(settings ?? '', `Dir::Etc::SourceList "${list ?? ''}";\nDir::Etc::SourceParts "/dev/null";\n`);
  const context = {...bench.context, environment: {APT_CONFIG: settings ?? ''}};
  return {...bench, context, main, security, by, url, settings: settings ?? ''};
};

const SOURCE = {from: 'debian-source', package: 'hi', release: 'bookworm'} as const;
const PACKAGE = {from: 'debian-package', package: 'hi', release: 'bookworm'} as const;

/** What apt-get itself downloads for a source package: names and sums. */
const byApt = async ({folder, settings}: Mirror, wanted: string): Promise<readonly string[]> => {
  const [state, list, own] = ['oracle', 'oracle.list', 'oracle.conf'].map((name) => path.join(folder, name));
  const got = path.join(folder, 'got');
  for (const one of [path.join(state ?? '', 'lists/partial'), got]) await mkdir(one, {recursive: true});
  const lines = await readFile(path.join(folder, 'sources.list'), 'utf8');
  await writeFile(list ?? '', lines.replaceAll(/^deb /gm, 'deb-src '));
  const conf = `${await readFile(settings, 'utf8')}Dir::State "${state ?? ''}";\nDir::Etc::SourceList "${list ?? ''}";\n`;
  await writeFile(own ?? '', conf);
  // Not by spawnSync: the archive's server is in this program.
  const apt = async (...words: readonly string[]) =>
    outputOf('env', '-C', got, `APT_CONFIG=${own ?? ''}`, 'apt-get', '-qq', ...words);
  await apt('update');
  await apt('source', '--download-only', wanted);
  const names = (await readdir(got)).sort();
  return Promise.all(names.map(async (name) => `${name} ${sha256(await readFile(path.join(got, name)))}`));
};

test('the newest source package of main and security is what apt-get would fetch', async (t) => {
  const here = await mirror(t);
  const source = await resolveSource('x', SOURCE, here.store, here.context);
  t.is(source.version, '1.10-1');
  t.deepEqual(source.files.map(({name, sha256: sum}) => `${name} ${sum}`).sort(), await byApt(here, 'hi'));
  for (const {name, urls} of source.files) {
    t.is(urls[0], `https://security.debian.org/debian-security/pool/main/h/hi/${name}`);
    t.regex(
      urls[1] ?? '',
      /^https:\/\/snapshot\.debian\.org\/archive\/debian-security\/\d{8}T\d{6}Z\/pool\/main\/h\/hi\//,
    );
  }
  const folder = await fetchSource('x', source, here.store, here.context);
  t.deepEqual((await readdir(folder)).sort(), source.files.map(({name}) => name).sort());
  const unpacked = path.join(here.folder, 'unpacked');
  await outputOf('dpkg-source', '-x', path.join(folder, 'hi_1.10-1.dsc'), unpacked);
  t.is(await readFile(path.join(unpacked, 'hi.c'), 'utf8'), 'int version; /* 1.10 */\n');
});

test('the version that is asked for, and its packaging alone', async (t) => {
  const here = await mirror(t);
  const request = {...SOURCE, version: '1.0-1', only: 'packaging'} as const;
  const source = await resolveSource('x', request, here.store, here.context);
  t.deepEqual(source.files.map(({name}) => name).sort(), ['hi_1.0-1.debian.tar.xz', 'hi_1.0-1.dsc']);
  t.regex(source.files[0]?.urls[0] ?? '', /^https:\/\/deb\.debian\.org\/debian\/pool\//);
  const none = await faultOf(t, resolveSource('x', {...SOURCE, version: '3-1'}, here.store, here.context));
  t.is(none.message, 'x: the archives of bookworm hold no source package hi 3-1');
  t.is(none.hint, 'they hold 1.0-1, 1.9-2, 1.10-1');
});

test('a binary package comes from the machine’s own mirror, once', async (t) => {
  const here = await mirror(t);
  const source = await resolveSource('x', PACKAGE, here.store, here.context);
  t.is(source.version, '1.10-1');
  const folder = await fetchSource('x', source, here.store, here.context);
  const [name = ''] = await readdir(folder);
  t.is(sha256(await readFile(path.join(folder, name))), source.files[0]?.sha256 ?? '');
  await rm(path.join(here.folder, 'www'), {recursive: true});
  t.is(await fetchSource('x', source, here.store, {...here.context, offline: true}), folder);
});

test('an archive whose signature does not hold gives nothing', async (t) => {
  const here = await mirror(t);
  await publish(here.main, await signer(t));
  const fault = await faultOf(t, resolveSource('x', PACKAGE, here.store, here.context));
  t.is(fault.code, 'source-signature');
  await publish(here.main, here.by);
  const index = path.join(here.main.folder, 'dists/bookworm/main/binary-amd64/Packages');
  await writeFile(index, (await readFile(index, 'utf8')).replace('Version: 1.9-2', 'Version: 9.9-2'));
  const changed = await faultOf(t, resolveSource('x', PACKAGE, here.store, here.context));
  t.regex(changed.message, /the archive of bookworm: /);
});

test('what a mirror has changed is not taken, and both digests are told', async (t) => {
  const here = await mirror(t);
  const source = await resolveSource('x', PACKAGE, here.store, here.context);
  const pool = path.join(here.security.folder, 'pool/main/h/hi');
  const name = (await readdir(pool)).find((one) => one.endsWith('.deb')) ?? '';
  const bytes = await readFile(path.join(pool, name));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(path.join(pool, name), bytes);
  const fault = await faultOf(t, fetchSource('x', source, here.store, here.context));
  t.is(fault.code, 'wrong-digest');
  t.true(fault.message.includes(sha256(bytes)) && fault.message.includes(source.files[0]?.sha256 ?? '-'));
  t.deepEqual(
    (await unfinished(here.store)).filter((one) => !one.endsWith('.apt')),
    [],
  );
});

test('an archive that is not Debian’s and has dropped the version: the lock is stale', async (t) => {
  const here = await mirror(t);
  const own: Archive = {...here.main, label: 'Mine', origin: 'Mine'};
  await publish(own, here.by);
  await rm(here.security.folder, {recursive: true});
  await writeFile(
    path.join(here.folder, 'sources.list'),
    (await readFile(path.join(here.folder, 'sources.list'), 'utf8')).split('\n')[0] ?? '',
  );
  const source = await resolveSource('x', PACKAGE, here.store, here.context);
  t.is(source.version, '1.9-2');
  t.regex(source.files[0]?.urls.join(' ') ?? '', new RegExp(`^${here.url}/debian/pool/main/h/hi/\\S+$`));
  await rm(path.join(here.main.folder, 'pool'), {recursive: true});
  const fault = await faultOf(t, fetchSource('kernels/x', source, here.store, here.context));
  t.is(fault.code, 'stale-lock');
  t.is(fault.hint, '`linerate lock --update kernels/x` pins what is there now');
});

test('Ctrl-C in the middle of a package keeps what has come, and the next run goes on there', async (t) => {
  const {store, context, serve, abort, cutAt} = await sourceBench(t);
  const bytes = someBytes(600_000);
  const date = {'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT'};
  const {url, seen} = await serve((one, nth) => {
    const [, from] = /^bytes=(\d+)-$/.exec(one.headers.range ?? '') ?? [];
    if (from === undefined || one.headers['if-range'] !== date['last-modified'])
      return {headers: date, body: bytes, ...(nth === 1 ? cutAt(400_000) : {})};
    const range = `bytes ${from}-${String(bytes.length - 1)}/${String(bytes.length)}`;
    return {status: 206, headers: {...date, 'content-range': range}, body: bytes.subarray(Number(from))};
  });
  const source: LockedSource = {
    request: {...PACKAGE, release: 'nowhere'},
    version: '1',
    files: [{name: 'x.deb', sha256: sha256(bytes), size: bytes.length, urls: [`${url}/pool/x.deb`]}],
  };
  const stop: SourceContext = {
    ...context,
    onProgress(one) {
      if (one.bytes >= 400_000) abort.abort();
    },
  };
  t.is((await faultOf(t, fetchSource('x', source, store, stop))).code, 'interrupted');
  const folder = await fetchSource('x', source, store, {...context, signal: new AbortController().signal});
  t.is(seen.at(-1)?.headers.range, 'bytes=400000-');
  t.true((await readFile(path.join(folder, 'x.deb'))).equals(bytes));
});
