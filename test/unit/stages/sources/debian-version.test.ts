import {spawnSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {compareDebianVersions} from '../../../../engine/stages/sources/debian-version.ts';

const KNOWN = [
  '6.1.176-1',
  '6.1.192-2',
  '6.12.117-1~deb12u1',
  '6.12.117-1',
  '1:1.0-1',
  '1.0~rc1-1',
  '1.0-1',
  '1.0+b1-1',
  '1.0a-1',
  '1.0-1.1',
  '01.0-1',
  '1.0',
  '2.10-3',
  '1.2-3-4',
];

const part = fc.stringMatching(/^[\da-c.+~]{1,6}$/);
const version = fc
  .tuple(fc.option(fc.nat(2)), fc.nat(30), part, fc.option(part))
  .map(
    ([epoch, number, rest, revision]) =>
      `${epoch === null ? '' : `${String(epoch)}:`}${String(number)}${rest}${revision === null ? '' : `-${revision}`}`,
  );

/** dpkg's own answers for many pairs, in one shell. */
const byDpkg = (pairs: readonly (readonly [string, string])[]): readonly number[] => {
  const script =
    'while read -r a b; do dpkg --compare-versions "$a" lt "$b" && echo -1 && continue; dpkg --compare-versions "$a" gt "$b" && echo 1 || echo 0; done';
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  const {stdout, status, error} = spawnSync('sh', ['-c', script], {input, encoding: 'utf8'});
  if (error || status !== 0) throw error ?? new Error('dpkg is needed for this test');
  return stdout.trim().split('\n').map(Number);
};

test('versions are ordered as dpkg orders them', (t) => {
  const known = KNOWN.flatMap((a, place) => KNOWN.slice(place).map((b) => [a, b] as const));
  const drawn = fc.sample(fc.tuple(version, version), {numRuns: 100, seed: 6});
  const pairs = [...known, ...drawn];
  const told = byDpkg(pairs);
  t.deepEqual(
    pairs.map(([a, b]) => [a, b, Math.sign(compareDebianVersions(a, b))]),
    pairs.map(([a, b], place) => [a, b, told[place] ?? Number.NaN]),
  );
});
