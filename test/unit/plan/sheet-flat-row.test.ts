import {isDeepStrictEqual} from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import {parseDocument} from 'yaml';

import {flatRow} from '../../../engine/plan/sheet-flat-row.ts';

/** What the YAML library makes of the same lines; undefined when it complains. */
const byLibrary = (lines: readonly string[]): unknown => {
  const document = parseDocument(lines.join('\n'));
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  const list: unknown = document.toJS();
  return Array.isArray(list) && list.length === 1 ? list[0] : undefined;
};

const TRICKY = [
  '0¦007¦12¦0x1F¦0o17¦1e5¦1e5 x¦1.5¦.5¦-4¦+4¦123456789012345678¦4096 131072 6291456¦1_000¦1 # c¦1 ¦1:2 b¦0: a',
  'true¦True¦false¦null¦NULL¦~¦nullx¦on¦off¦yes¦.inf¦.nan¦2026-01-01¦12:30¦true b¦=¦=a¦>=1¦<4¦(u)¦µs¦ü',
  `'a'¦'it''s'¦'a' b¦'¦''¦"a"¦"a\\n"¦a: b¦a:b¦a:¦a #b¦a#b¦#a¦- a¦-a¦? a¦?a¦'a: b'¦' a '`,
  '[a, b]¦[a, B]¦[a,b]¦[true, a]¦[null]¦[]¦{a: b}¦{a}¦*a¦&a b¦!a¦!!str 1¦% a¦@a¦`a`¦| ¦>a¦[a, b-c] d',
  'a\tb¦a ¦ a¦a\u0001¦\ufeffa¦a\u0085b¦a\u2028b¦a\u00a0b',
].flatMap((line) => line.split('¦'));

const value = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.string({maxLength: 12}),
  fc.stringMatching(/^[ 'a-c0-2:#,[\]{}<>|.+-]{1,10}$/),
  fc.tuple(fc.constantFrom(...TRICKY), fc.constantFrom(...TRICKY)).map(([a, b]) => `${a} ${b}`),
);

const row = fc
  .array(fc.tuple(fc.constantFrom('set', 'to', 'why', 'true'), value), {minLength: 1, maxLength: 4})
  .map((pairs) => pairs.map(([key, text], index) => `${index === 0 ? '- ' : '  '}${key}: ${text}`));

test('what is read without the YAML library is what the library reads', (t) => {
  fc.assert(
    fc.property(row, (lines) => {
      const flat = flatRow(lines);
      if (flat !== undefined) t.deepEqual<unknown, unknown>(flat, byLibrary(lines));
    }),
    {numRuns: 3000},
  );
});

test('each tricky value is either left to the library or read as the library does', (t) => {
  const misread = TRICKY.filter((text) => {
    const lines = [`- set: ${text}`, '  why: because'];
    const flat = flatRow(lines);
    return flat !== undefined && !isDeepStrictEqual(flat, byLibrary(lines));
  });
  t.deepEqual(misread, []);
});

test('plain rows need no library', (t) => {
  t.deepEqual(
    flatRow([
      '- set: nic ring.rx',
      "  to: 'on'",
      '',
      '  # why not',
      '  why: it rides out bursts; mostly',
      '  list: [a, b-c]',
    ]),
    {
      set: 'nic ring.rx',
      to: 'on',
      why: 'it rides out bursts; mostly',
      list: ['a', 'b-c'],
    },
  );
  t.deepEqual(flatRow(['- to: 4096', '  atLeast: 4096 131072 33554432', '  unconfirmed: true']), {
    to: 4096,
    atLeast: '4096 131072 33554432',
    unconfirmed: true,
  });
});

test('what a key is given twice, or over several lines, is left to the library', (t) => {
  t.is(flatRow(['- to: 1', '  to: 2']), undefined);
  t.is(flatRow(['- why: |', '    text']), undefined);
  t.is(flatRow(['- why: text', '    that goes on']), undefined);
});
