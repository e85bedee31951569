import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {machineSources} from '../../../engine/effects/sources/apt.ts';
import {fetchSource, resolveSource} from '../../../engine/effects/sources/index.ts';
import {formatAptSources} from '../../../engine/stages/sources/apt-sources.ts';
import {outputOf} from '../../support/machines/command.ts';
import {sha256, sourceBench} from '../../support/sources/bench.ts';

const RELEASE = 'bookworm';

test('a source package of this machine’s own archive is what apt-get source fetches', async (t) => {
  const {folder, store, context} = await sourceBench(t);
  const request = {from: 'debian-source', package: 'hello', release: RELEASE} as const;
  const source = await resolveSource('x', request, store, context);
  const files = await fetchSource('x', source, store, context);
  const [state, list, got] = ['state', 'oracle.sources', 'got'].map((name) => path.join(folder, name));
  for (const one of [path.join(state ?? '', 'lists/partial'), got ?? '']) await mkdir(one, {recursive: true});
  await writeFile(list ?? '', formatAptSources(await machineSources(RELEASE, context), 'Sources'));
  const settings = ['-o', `Dir::State=${state ?? ''}`, '-o', `Dir::Etc::SourceList=${list ?? ''}`];
  const apt = async (...words: readonly string[]) =>
    outputOf('env', '-C', got ?? '', 'apt-get', '-qq', ...settings, '-o', 'Dir::Etc::SourceParts=/dev/null', ...words);
  await apt('update');
  await apt('source', '--download-only', 'hello');
  const names = (await readdir(got ?? '')).sort();
  t.deepEqual((await readdir(files)).sort(), names);
  for (const name of names)
    t.is(sha256(await readFile(path.join(files, name))), sha256(await readFile(path.join(got ?? '', name))));
  await outputOf(
    'dpkg-source',
    '-x',
    path.join(files, names.find((name) => name.endsWith('.dsc')) ?? ''),
    `${folder}/x`,
  );
  t.true((await readdir(path.join(folder, 'x'))).includes('debian'));
});
