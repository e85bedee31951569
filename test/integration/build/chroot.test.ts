import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import {openBuilders} from '../../../engine/effects/builders/open-builders.ts';
import {fetchSource, resolveSource} from '../../../engine/effects/sources/index.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import {sourceDigest} from '../../../engine/stages/planned.ts';
import type {LockedSource} from '../../../engine/stages/sources/lock.ts';
import {build, stage, states, type Built} from '../../support/builds.ts';

// The packages are fetched once for a machine, and what is made of them is kept, as machines of tests are.
const CACHE = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'linerate/test-builders');
const PINNED = path.join(CACHE, 'make.json');
const PACKAGES = ['make'];

const signal = new AbortController().signal;
const context = {folder: CACHE, environment: process.env, signal};
const store = openStore(path.join(CACHE, 'store'));

const pinned = async (): Promise<LockedSource> => {
  if (existsSync(PINNED)) return JSON.parse(readFileSync(PINNED, 'utf8')) as LockedSource;
  mkdirSync(CACHE, {recursive: true});
  const request = {from: 'debian-root', release: 'bookworm', packages: PACKAGES} as const;
  const locked = await resolveSource('builders/make', request, store, context);
  writeFileSync(`${PINNED}.new`, JSON.stringify(locked));
  renameSync(`${PINNED}.new`, PINNED);
  return locked;
};

const made = (built: Built, name: string, file: string): string =>
  readFileSync(path.join(outputOf(built.report, name).folder, file), 'utf8');

test('a stage runs in a root folder of pinned packages, and finds nothing of this machine there', async (t) => {
  const locked = await pinned();
  let fetched = 0;
  const builder = openBuilders({
    cache: path.join(CACHE, 'cache'),
    ccache: false,
    definitions: {small: {kind: 'chroot', summary: 'make, and nothing else', release: 'bookworm', packages: PACKAGES}},
    roots: {
      store,
      signal,
      packages: () => ({
        digest: sourceDigest(locked, (text) => createHash('sha256').update(text).digest('hex')),
        async fetch() {
          fetched++;
          return fetchSource('builders/make', locked, store, context);
        },
      }),
    },
  });
  const script = `dpkg-query -W -f '\${Package}_\${Version}_\${Architecture}.deb\\n' >$OUT/packages
    make --version >$OUT/make; pwd >$OUT/pwd; cp $IN/here/file $OUT/
    ! command -v gcc && ! (echo x >/usr/x) 2>/dev/null && ls / >$OUT/root`;
  const stages = [
    stage('a here', 'echo here >$OUT/file'),
    stage('a small', script, {builder: 'small', tools: ['make', 'dpkg'], inputs: {here: 'a here'}}),
  ];
  const built = await build(stages, undefined, {builder});
  t.is(states(built), 'a here built, a small built');
  t.is(made(built, 'a small', 'pwd'), '/linerate/work\n');
  t.is(made(built, 'a small', 'file'), 'here\n');
  t.regex(made(built, 'a small', 'make'), /^GNU Make 4\.3\n/);
  // What is there is what was pinned, by the files' own names: an epoch is no part of those.
  const there = made(built, 'a small', 'packages').replaceAll(/_\d+:/g, '_').trim().split('\n').sort();
  const wanted = new Set(locked.files.map(({name}) => name.replaceAll(/_\d+%3a/g, '_')));
  t.deepEqual(
    there.filter((name) => !wanted.has(name)),
    [],
  );
  t.true(there.includes(locked.files.find(({name}) => name.startsWith('make_'))?.name ?? ''));
  const {record} = outputOf(built.report, 'a small');
  t.regex(record.builder, /^chroot 1, bookworm, [0-9a-f]{64}$/);
  t.regex(record.tools['make'] ?? '', /^GNU Make 4\.3$/);
  const before = fetched;
  const lacking = [stage('b', 'touch $OUT/x', {builder: 'small', tools: ['gcc']})];
  await t.throwsAsync(build(lacking, undefined, {builder}), {message: 'the builder small has no gcc'});
  t.is(fetched, before);
});
