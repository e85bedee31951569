import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {textDiff} from '../../../engine/plan/text-diff.ts';

const said = (before: string, after: string): string =>
  textDiff(before, after)
    .map(({mark, text}) => `${mark === '@' ? '' : mark}${text}\n`)
    .join('');

const text = fc
  .tuple(fc.array(fc.constantFrom('', 'a', 'b', 'c', '-', '+', '@@'), {maxLength: 14}), fc.constantFrom('', '\n'))
  .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + end));

/** Changes a text by `patch`, which knows nothing of how the diff came to be. */
const patched = (before: string, diff: string): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'linerate-diff-'));
  try {
    writeFileSync(path.join(folder, 'text'), before);
    const {status, stdout, stderr} = spawnSync('patch', ['-s', '-o', '-', path.join(folder, 'text')], {
      input: `--- a\n+++ b\n${diff}`,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`patch: ${stderr}${stdout}\n${diff}`);
    return stdout;
  } finally {
    rmSync(folder, {recursive: true});
  }
};

test('what patch makes of one text by the diff is the other', (t) => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after);
      t.is(patched(before, said(before, after)), after);
    }),
    {numRuns: 60},
  );
});

test('no more lines change than have to, with three around them', (t) => {
  const lines = Array.from({length: 20}, (_, place) => `line ${String(place)}`);
  const after = lines.map((line) => (line === 'line 10' ? 'another' : line));
  t.is(
    said(`${lines.join('\n')}\n`, `${after.join('\n')}\n`),
    '@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+another\n line 11\n line 12\n line 13\n',
  );
  t.is(said('a\n', 'a\n'), '');
  t.is(said('', 'a\n'), '@@ -0,0 +1 @@\n+a\n');
  t.is(said('a', 'a\n'), '@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n');
});
