import {spawnSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {shellJoin, shellQuote} from '../../../engine/model/shell.ts';

const words = fc.array(
  fc.string({unit: 'binary'}).filter((text) => !text.includes('\0')),
  {minLength: 1, maxLength: 40},
);
const NASTY = [
  '',
  "'",
  "a'b",
  '$(id)',
  '`id`',
  '"',
  '\\',
  '\n',
  '-n',
  '*',
  '~',
  '!',
  '#x',
  'a b',
  '\u001b[31m',
  'é→𝄞',
  "$'\\n'",
];

for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'sh']])
  test(`${shell.join(' ')} reads back every quoted word`, (t) => {
    const echo = (list: readonly string[]): string[] => {
      const script = `for word in ${shellJoin(list)}; do printf '%s\\0' "$word"; done`;
      const [command = '', ...rest] = shell;
      const run = spawnSync(command, [...rest], {input: script, encoding: 'utf8'});
      t.is(run.status, 0, run.stderr);
      return run.stdout.split('\0').slice(0, -1);
    };
    t.deepEqual(echo(NASTY), NASTY);
    fc.assert(
      fc.property(words, (list) => {
        t.deepEqual(echo(list), list);
      }),
      {numRuns: 25},
    );
  });

test('a NUL byte cannot be passed', (t) => {
  t.throws(() => shellQuote('a\0b'), {instanceOf: TypeError});
});
