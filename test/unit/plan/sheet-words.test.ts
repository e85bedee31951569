import test from 'ava';

import type {Held} from '../../../engine/model/setting.ts';
import {WORDS} from '../../../engine/plan/sheet-words.ts';

const live: Readonly<Record<string, Held>> = {
  'net/core/somaxconn': {value: '4096'},
  'net/ipv4/tcp_rmem': {value: '4096 131072 6291456'},
  'fs/file-max': {value: '9223372036854775807'},
  'net/netfilter/nf_conntrack_max': 'absent',
  'net/core/bpf_jit_harden': {unreadable: 'Permission denied'},
};

const call = (name: string, ...written: unknown[]): unknown =>
  WORDS[name]?.(...written, {name, data: {root: {sysctls: live}}, hash: {}});

const gives = test.macro((t, expected: unknown, name: string, ...written: unknown[]) => {
  t.is(call(name, ...written), expected);
});

for (const [expected, name, ...written] of [
  [true, 'eq', 'a', 'a'],
  [false, 'eq', 1, '1'],
  [true, 'ne', 'a', 'b'],
  [true, 'oneOf', 'b', 'a', 'b'],
  [false, 'oneOf', 'c', 'a', 'b'],
  [true, 'lt', 1, 2],
  [true, 'gt', 2, 1],
  [true, 'gte', 2, 2],
  [false, 'gt', null, 1],
  [false, 'lt', null, 1],
  [true, 'and', 1, 'x', true],
  [false, 'and', 1, null],
  [true, 'or', false, 0],
  [false, 'or', false, null, ''],
  [true, 'not', null],
  [false, 'not', 'x'],
  [2, 'min', 3, 2],
  [3, 'max', 3, 2],
  [24, 'times', 2, 3, 4],
  [9, 'plus', 2, 3, 4],
  [3, 'dividedBy', 7, 2],
  [4096, 'roundUpToPowerOfTwo', 2049],
  [4096, 'roundUpToPowerOfTwo', 4096],
  [1, 'roundUpToPowerOfTwo', 0],
  [125_000_000, 'bdp', 10_000, 100],
  [4096, 'sysctl', 'net.core.somaxconn'],
  [4096, 'sysctl', 'net/core/somaxconn'],
  ['4096 131072 6291456', 'sysctl', 'net.ipv4.tcp_rmem'],
  ['9223372036854775807', 'sysctl', 'fs.file-max'],
  [null, 'sysctl', 'net.netfilter.nf_conntrack_max'],
  [null, 'sysctl', 'net.core.bpf_jit_harden'],
  [null, 'sysctl', 'net.core.nothing'],
] as const)
  test(`${name} ${JSON.stringify(written)} is ${String(expected)}`, gives, expected, name, ...written);

test('arithmetic refuses what is not a number', (t) => {
  t.throws(() => call('min', 1, null), {message: '"min" was given null, which is not a number'});
  t.throws(() => call('times', 'x', 2), {message: '"times" was given "x", which is not a number'});
  t.throws(() => call('dividedBy', 1, 0), {message: '"dividedBy" was given null, which is not a number'});
});
