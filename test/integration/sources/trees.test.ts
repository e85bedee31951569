import {spawn, spawnSync} from 'node:child_process';
import {chmod, mkdir, readFile, rm, symlink, utimes, writeFile} from 'node:fs/promises';
import {createServer, type AddressInfo} from 'node:net';
import {once} from 'node:events';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {fetchSource, resolveSource} from '../../../engine/effects/sources/index.ts';
import {faultOf, sourceBench, unfinished} from '../../support/sources/bench.ts';

const git = (folder: string, ...words: readonly string[]): string => {
  const identity = ['-c', 'user.name=a test', '-c', 'user.email=test@localhost', '-c', 'init.defaultBranch=main'];
  const said = spawnSync('git', [...identity, '-C', folder, ...words], {encoding: 'utf8'});
  if (said.status !== 0) throw new Error(`git ${words.join(' ')}: ${said.stderr}`);
  return said.stdout.trim();
};

const tree = async (folder: string): Promise<void> => {
  await mkdir(path.join(folder, 'src'), {recursive: true});
  await writeFile(path.join(folder, 'src/a.c'), 'int a;\n');
  await writeFile(path.join(folder, 'build.sh'), '#!/bin/sh\n', {mode: 0o755});
  await symlink('src/a.c', path.join(folder, 'link'));
};

const listing = async (folder: string, file: string): Promise<string> =>
  spawnSync('tar', ['-tvf', path.join(folder, file)], {encoding: 'utf8'}).stdout;

test('a folder is packed the same whoever packs it and when; a change of it is never missed', async (t) => {
  const {store, context, folder} = await sourceBench(t);
  const own = path.join(folder, 'mine');
  await tree(own);
  const request = {from: 'folder', path: 'mine'} as const;
  const source = await resolveSource('x', request, store, context);
  await utimes(path.join(own, 'src/a.c'), 1, 1);
  await chmod(path.join(own, 'src'), 0o700);
  await mkdir(path.join(own, '.git'));
  const again = await fetchSource('x', source, store, {...context, offline: true});
  t.regex(await listing(again, 'mine.tar'), /-rwxr-xr-x 0\/0 +10 1970-01-01 00:00 \.\/build\.sh/);
  await writeFile(path.join(own, 'src/a.c'), 'int b;\n');
  const fault = await faultOf(t, fetchSource('x', source, store, context));
  t.is(fault.code, 'wrong-digest');
  t.regex(fault.hint ?? '', /`linerate lock --update x`/);
  await rm(own, {recursive: true});
  t.is((await faultOf(t, fetchSource('x', source, store, context))).code, 'source-folder');
  t.deepEqual(await unfinished(store), []);
});

const repository = async (folder: string): Promise<{folder: string; first: string; second: string}> => {
  const at = path.join(folder, 'tool.git');
  await tree(at);
  git(at, 'init', '--quiet');
  await writeFile(path.join(at, '.gitattributes'), 'version export-subst\n');
  await writeFile(path.join(at, 'version'), '$Format:%h %d$\n');
  git(at, 'add', '.');
  git(at, 'commit', '--quiet', '-m', 'one');
  git(at, 'tag', '-a', 'v1', '-m', 'v1');
  const first = git(at, 'rev-parse', 'HEAD');
  await writeFile(path.join(at, 'src/a.c'), 'int two;\n');
  git(at, 'commit', '--quiet', '-a', '-m', 'two');
  return {folder: at, first, second: git(at, 'rev-parse', 'HEAD')};
};

test('git: a branch, a tag or a commit becomes a commit, and its tree a tar', async (t) => {
  const {store, context, folder} = await sourceBench(t);
  const {folder: at, first, second} = await repository(folder);
  const url = `file://${at}`;
  const resolved = async (reference: string) => resolveSource('x', {from: 'git', url, reference}, store, context);
  t.is((await resolved('main')).version, second);
  t.is((await resolved('v1')).version, first);
  const source = await resolved(first);
  t.is(source.version, first);
  t.deepEqual(source.files[0]?.sha256, (await resolved('v1')).files[0]?.sha256);
  const files = await fetchSource('x', source, store, {...context, offline: true});
  const name = source.files[0]?.name ?? '';
  t.is(name, `tool-${first.slice(0, 12)}.tar`);
  const content = spawnSync('tar', ['-xOf', path.join(files, name), 'tool/version', 'tool/src/a.c'], {
    encoding: 'utf8',
  });
  t.is(content.stdout, 'int a;\n$Format:%h %d$\n');
  t.deepEqual(await unfinished(store), []);
});

test('git: what is pinned comes again, byte for byte, into another store', async (t) => {
  const [one, two] = [await sourceBench(t), await sourceBench(t)];
  const {folder: at} = await repository(one.folder);
  const request = {from: 'git', url: `file://${at}`, reference: 'main'} as const;
  const source = await resolveSource('x', request, one.store, one.context);
  await writeFile(path.join(at, 'later'), '');
  git(at, 'add', '.');
  git(at, 'commit', '--quiet', '-m', 'three');
  const name = source.files[0]?.name ?? '';
  const [first, second] = [
    await fetchSource('x', source, one.store, one.context),
    await fetchSource('x', source, two.store, two.context),
  ];
  t.deepEqual(await readFile(path.join(first, name)), await readFile(path.join(second, name)));
});

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const daemon = async (t: ExecutionContext, folder: string): Promise<string> => {
  const port = String(await freePort());
  const program = path.join(git(folder, '--exec-path'), 'git-daemon');
  const words = [
    '--pdeathsig',
    'KILL',
    program,
    '--export-all',
    `--base-path=${folder}`,
    '--listen=127.0.0.1',
    `--port=${port}`,
    folder,
  ];
  const child = spawn('setpriv', words, {stdio: 'ignore'});
  t.teardown(() => child.kill());
  const url = `git://127.0.0.1:${port}/tool.git`;
  while (spawnSync('git', ['ls-remote', url]).status !== 0) await pause(50);
  return url;
};

test('git: a server that hands out no commit alone is asked for everything', async (t) => {
  const {store, context, folder} = await sourceBench(t);
  const {first} = await repository(folder);
  const url = await daemon(t, folder);
  const source = await resolveSource('x', {from: 'git', url, reference: first.slice(0, 40)}, store, context);
  t.is(source.version, first);
});

test('git: what is not there, and what is no address', async (t) => {
  const {store, context, folder} = await sourceBench(t);
  const {folder: at} = await repository(folder);
  const at2 = async (url: string, reference: string) =>
    faultOf(t, resolveSource('x', {from: 'git', url, reference}, store, context));
  const none = await at2(`file://${at}`, 'v9');
  t.is(none.code, 'source-reference');
  t.regex(none.message, /has no v9: .*couldn't find remote ref v9/);
  t.is((await at2(`file://${at}`, '0'.repeat(40))).code, 'source-reference');
  const away = await at2(`file://${at}-away`, 'main');
  t.is(away.code, 'source-unreachable');
  t.is((await at2('ext::sh -c true', 'main')).code, 'source-address');
  t.is((await at2('--upload-pack=true', 'main')).code, 'source-address');
  t.deepEqual(await unfinished(store), []);
});
