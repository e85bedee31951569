import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdir, readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {fetchSource} from '../../../engine/effects/sources/index.ts';
import type {LockedSource} from '../../../engine/stages/sources/lock.ts';
import {outcomeOf} from '../../support/machines/command.ts';
import {sha256, someBytes, sourceBench, unfinished} from '../../support/sources/bench.ts';
import {fileReply} from '../../support/sources/server.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../support/sources/fetch-program.ts');
const BYTES = someBytes(6 * 1024 * 1024);

const locked = (url: string): LockedSource => ({
  request: {from: 'url', url},
  version: 'a.tar',
  files: [{name: 'a.tar', sha256: sha256(BYTES), size: BYTES.length, urls: [url]}],
});

test('killed in the middle of a download: the next run goes on with what is there', async (t) => {
  const {folder, store, context, serve} = await sourceBench(t);
  let released = false;
  const {url, seen} = await serve((one, nth) =>
    fileReply(BYTES, '"1"', one, nth === 1 ? {cut: {after: 2_000_000, arrived: () => released}} : {}),
  );
  const source = locked(`${url}/a.tar`);
  const words = ['--pdeathsig', 'KILL', process.execPath, PROGRAM, folder, JSON.stringify(source)];
  const child = spawn('setpriv', words, {stdio: 'ignore'});
  const sources = path.join(folder, 'store/sources');
  const size = async (): Promise<number> => {
    const names = await readdir(sources).catch(() => []);
    const partial = names.find((name) => name.endsWith('.partial'));
    return partial === undefined ? 0 : (await stat(path.join(sources, partial))).size;
  };
  while ((await size()) < 2_000_000) await pause(20);
  child.kill('SIGKILL');
  await once(child, 'exit');
  released = true;
  const files = await fetchSource('x', source, store, context);
  t.is(seen.at(-1)?.headers.range, 'bytes=2000000-');
  t.true((await readFile(path.join(files, 'a.tar'))).equals(BYTES));
  t.deepEqual(await unfinished(store), []);
});

test('a disk that is too small is told before anything is fetched, with what is free', async (t) => {
  const {folder, serve} = await sourceBench(t);
  const {url} = await serve((one) => fileReply(BYTES, '"1"', one));
  const small = path.join(folder, 'small');
  await mkdir(small);
  const script = `mount -t tmpfs -o size=4m small ${small} && "$@"`;
  const words = [process.execPath, PROGRAM, small, JSON.stringify(locked(`${url}/a.tar`))];
  const {status, stdout, stderr} = await outcomeOf(['unshare', '--mount', 'sh', '-c', script, 'sh', ...words]);
  t.is(status, 0, stderr);
  const fault = JSON.parse(stdout) as {code: string; message: string};
  t.is(fault.code, 'store-full');
  t.regex(fault.message, /: 4\.0 MiB are free/);
});

test('a disk that fills up meanwhile says so too', async (t) => {
  const {folder, serve} = await sourceBench(t);
  // Without a length nobody can know beforehand.
  const {url} = await serve(() => ({headers: {'transfer-encoding': 'chunked'}, body: BYTES}));
  const small = path.join(folder, 'small');
  await mkdir(small);
  const script = `mount -t tmpfs -o size=4m small ${small} && "$@"`;
  const words = [process.execPath, PROGRAM, small, JSON.stringify(locked(`${url}/a.tar`))];
  const {status, stdout, stderr} = await outcomeOf(['unshare', '--mount', 'sh', '-c', script, 'sh', ...words]);
  t.is(status, 0, stderr);
  t.is((JSON.parse(stdout) as {code: string}).code, 'store-full');
});
