import test from 'ava';
import {byteText, renderLocked} from '../../../engine/cli/render/lock.ts';
import {sourceProgress} from '../../../engine/cli/source-progress.ts';
import type {Output} from '../../../engine/cli/output.ts';
import type {LockedSource} from '../../../engine/stages/sources/lock.ts';

const output = (interactive: boolean): Output & {said: string[]} => {
  const said: string[] = [];
  const plain = (_style: unknown, text: string): string => text;
  return {
    said,
    out: () => undefined,
    err: (text) => said.push(text),
    paint: plain,
    paintError: plain,
    columns: 0,
    interactive,
  };
};

const source = (version: string, ...sizes: readonly number[]): LockedSource => ({
  request: {from: 'folder', path: '.'},
  version,
  files: sizes.map((size, place) => ({name: String(place), sha256: 'a'.repeat(64), size, urls: []})),
});

test('sizes as people read them', (t) => {
  t.deepEqual([0, 1023, 1024, 139_131_140, 5 * 1024 ** 4].map(byteText), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '132.7 MiB',
    '5120.0 GiB',
  ]);
});

test('what became of each source, in columns', (t) => {
  const commit = 'c'.repeat(40);
  const text = renderLocked(
    [
      {name: 'kernels/a', state: 'updated', before: source('1'), after: source('2', 10)},
      {name: 'kernels/a patches', state: 'pinned', after: source(commit, 1024, 1024)},
      {name: 'b', state: 'dropped', before: source('3')},
    ],
    output(false),
  );
  t.is(
    text,
    `kernels/a          updated  1 → 2 (1 file, 10 B)
kernels/a patches  pinned   cccccccccccc (2 files, 2.0 KiB)
b                  dropped  3, which nothing asks for any more
`,
  );
});

test('without a terminal: a line for each file that is begun', (t) => {
  const said = output(false);
  const progress = sourceProgress(said);
  for (const bytes of [0, 50, 100]) progress.onProgress({name: 'a', bytes, total: 2048});
  progress.onNote('waits');
  progress.stop();
  t.deepEqual(said.said, ['fetching a, 2.0 KiB\n', 'waits\n']);
});

test('on a terminal: one line that is written over, and is gone at the end', (t) => {
  const said = output(true);
  const progress = sourceProgress(said);
  progress.onProgress({name: 'a', bytes: 512, total: 2048});
  progress.stop();
  progress.stop();
  t.deepEqual(said.said, ['fetching a 25 % of 2.0 KiB', '\r\u001b[2K']);
});
