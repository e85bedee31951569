import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {firstDifference} from '../../../../engine/effects/store/compare.ts';
import {makeReadOnly, removeTree, treeBytes} from '../../../../engine/effects/store/tree.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'linerate-tree-'));
process.on('exit', () => {
  rmSync(folder, {recursive: true, force: true});
});

const tree = (name: string, change: (at: string) => void = () => undefined): string => {
  const at = path.join(folder, name);
  mkdirSync(path.join(at, 'sub'), {recursive: true});
  writeFileSync(path.join(at, 'sub/text'), 'text');
  writeFileSync(path.join(at, 'sub/zeros'), Buffer.alloc(3_000_000));
  symlinkSync('text', path.join(at, 'sub/link'));
  change(at);
  return at;
};

const CASES: readonly [string, (at: string) => void, string | undefined][] = [
  ['nothing', () => undefined, undefined],
  ['a byte', (at) => writeFileSync(path.join(at, 'sub/text'), 'tezt'), 'sub/text: byte 2 (of 4, then 4)'],
  ['a longer file', (at) => writeFileSync(path.join(at, 'sub/text'), 'texts'), 'sub/text: byte 4 (of 4, then 5)'],
  [
    'a byte far on',
    (at) => {
      const bytes = Buffer.alloc(3_000_000);
      bytes[2_500_000] = 1;
      writeFileSync(path.join(at, 'sub/zeros'), bytes);
    },
    'sub/zeros: byte 2500000 (of 3000000, then 3000000)',
  ],
  ['a file more', (at) => writeFileSync(path.join(at, 'a'), ''), 'a: only the second build made it'],
  ['a file less', (at) => rmSync(path.join(at, 'sub/link')), 'sub/link: only the first build made it'],
  [
    'a mode',
    (at) => execFileSync('chmod', ['755', path.join(at, 'sub/text')]),
    'sub/text: its mode is 100644, then 100755',
  ],
  [
    'a link',
    (at) => {
      rmSync(path.join(at, 'sub/link'));
      symlinkSync('zeros', path.join(at, 'sub/link'));
    },
    'sub/link: it points to text, then to zeros',
  ],
];

for (const [what, change, expected] of CASES)
  test(`what differs first is told: ${what}`, async (t) => {
    const difference = await firstDifference(tree(`${what} before`), tree(`${what} after`, change));
    t.is(difference && `${difference.file}: ${difference.how}`, expected);
  });

test('a tree takes what du says, and a read-only one is removed', async (t) => {
  const at = tree('sized');
  const said = Number(execFileSync('du', ['-s', '--block-size=1', at], {encoding: 'utf8'}).split('\t')[0]);
  t.is(await treeBytes(at), said);
  await makeReadOnly(at);
  await removeTree(at);
  t.false(existsSync(at));
  t.is(await treeBytes(at), 0);
});
