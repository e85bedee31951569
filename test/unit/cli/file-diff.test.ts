import test from 'ava';
import {renderRow, widthsOf} from '../../../engine/cli/render/row.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import {foldSettings} from '../../../engine/plan/fold.ts';

/** A setting of a file that holds one value and is to hold another. */
const setting = (live: string, want: string, id = 'file /etc/app.conf'): Setting => ({
  id,
  live: {value: live},
  boot: {held: {value: live}},
  want,
  pending: ['live'],
  why: 'a test',
  source: 'a test',
  from: {layer: 'recipe', at: 'recipe test'},
  effect: 'live',
  undo: 'exact',
});

const render = (one: Setting, verbose: boolean): readonly string[] => {
  const rows = foldSettings([one]);
  const options = {widths: widthsOf(rows, verbose), verbose, columns: 200};
  return rows.flatMap((row) => renderRow(row, options, {paint: (style, text) => `<${String(style)}>${text}</>`}));
};

const plain = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replaceAll(/<[^>]*>/g, '').trim());

const BEFORE = '0644 root:root\none\ntwo\n\u001b[31m\n';
const AFTER = '0644 root:root\none\n2\n\u001b[31m\n';

test('a file is one line of a table, whatever its text', (t) => {
  const lines = render(setting(BEFORE, AFTER), false);
  t.is(lines.length, 1);
  t.regex(plain(lines)[0] ?? '', /^~ \/etc\/app\.conf +3 lines \([0-9a-f]{8}\), 0644 root:root +3 lines .* 3 lines \(/);
});

test('its reasons come with a coloured diff, in which nothing is hidden from a terminal', (t) => {
  const lines = render(setting(BEFORE, AFTER), true);
  t.deepEqual(plain(lines).slice(-5), ['@@ -1,3 +1,3 @@', 'one', '-two', '+2', '\\x1b[31m']);
  t.true(lines.some((line) => line.includes('<red>-two</>')));
  t.true(lines.some((line) => line.includes('<green>+2</>')));
});

test('a new file is shown whole, but no longer than a reader wants', (t) => {
  t.deepEqual(plain(render(setting('absent', '0644 root:root\na\n'), true)).slice(-2), ['@@ -0,0 +1 @@', '+a']);
  const long = `0644 root:root\n${'line\n'.repeat(500)}`;
  t.is(plain(render(setting('absent', long), true)).at(-1), '… 301 more lines');
});

test('what not everybody on the host may read is not shown, before or after', (t) => {
  for (const [live, want] of [
    ['0600 root:root\nsecret\n', '0644 root:root\nopen\n'],
    ['0644 root:root\nopen\n', '0640 root:app\nsecret\n'],
    ['absent', '0600 root:root\nsecret\n'],
  ] as const) {
    const said = render(setting(live, want), true).join('\n');
    t.regex(said, /its text is not shown/);
    t.notRegex(said, /secret\b/);
  }
});

test('there is no diff of what is no text, of equal texts, and of other settings', (t) => {
  const lines = (live: string, want: string, id?: string): number => render(setting(live, want, id), true).length;
  const none = lines('1', '2', 'sysctl vm/swappiness');
  t.is(lines('link /a', 'link /b'), none);
  t.is(lines('0644 root:root\na', '0600 root:root\na'), none);
  t.is(lines(`0755 root:root sha256:${'a'.repeat(64)}`, '0755 root:root\na'), none);
});
