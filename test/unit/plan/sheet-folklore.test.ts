import test from 'ava';

import {Faults} from '../../../engine/model/fault.ts';
import {folkloreHolds, parseFolklore} from '../../../engine/plan/sheet-folklore.ts';

const NOBODY = {held: 'default'} as const;

const holds = test.macro((t, when: string, live: string, expected: boolean) => {
  t.is(folkloreHolds(when, {value: live}, NOBODY), expected);
});

for (const [when, live, expected] of [
  ['0', '0', true],
  ['0', '1', false],
  ['!=0', '1', true],
  ['!=0', '0', false],
  ['<8', '7', true],
  ['<8', '8', false],
  ['>268435456', '4096 131072 536870912', true],
  ['>268435456', '4096 131072 33554432', false],
  ['<8', 'unlimited', false],
  ['any', 'x', true],
  ['a b', 'a\tb', true],
  ['configured', '1', false],
  ['configured <65536', '5000', false],
] as const)
  test(`"${when}" ${expected ? 'holds' : 'does not hold'} for a live "${live}"`, holds, when, live, expected);

test('a value that a file sets for the next boot counts as much as a live one', (t) => {
  const boot = {held: {value: '1'}, by: '/etc/sysctl.d/x.conf:1'};
  t.true(folkloreHolds('!=0', 'absent', boot));
  t.true(folkloreHolds('configured', 'absent', boot));
  t.true(folkloreHolds('any', 'absent', boot));
  t.false(folkloreHolds('0', 'absent', boot));
});

test('a configured condition looks at what is configured, not at what holds now', (t) => {
  const boot = (value: string) => ({held: {value}, by: '/etc/sysctl.d/x.conf:1'});
  t.true(folkloreHolds('configured <65536', {value: '131072'}, boot('5000')));
  t.false(folkloreHolds('configured <65536', {value: '5000'}, boot('2000000')));
  t.false(folkloreHolds('configured', {value: '5000'}, {held: {value: '5000'}}));
});

test('what cannot be read, or is not there, meets no condition', (t) => {
  t.false(folkloreHolds('any', 'absent', NOBODY));
  t.false(folkloreHolds('!=0', {unreadable: 'Permission denied'}, NOBODY));
  t.false(folkloreHolds('any', 'unsupported', NOBODY));
});

test('faults of a folklore file come all at once, each with its line', (t) => {
  const text = [
    '- set: sysctl net.ipv4.tcp_sack',
    '  when: 0',
    '  grade: bad',
    '  message: it hurts',
    '  source: somewhere',
    '- set: nonsense',
    "  when: '>x'",
    '  grade: notice',
    '  message: it hurts',
  ].join('\n');
  const error = t.throws(() => parseFolklore(text, 'f.yaml'), {instanceOf: Faults});
  t.deepEqual(
    error.errors.map(({at, message}) => `${at ?? ''} ${message}`),
    [
      'f.yaml:3 "grade" must be harmful or notice',
      'f.yaml:6 "set" is "nonsense", which is not an address of any kind',
      'f.yaml:7 "when" is none of any, configured, >N, <N, !=V or a value',
      'f.yaml:6 "source" is missing',
    ],
  );
});
