import {spawnSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {compareVersions, versionMeets} from '../../../engine/model/version.ts';

// No dash: rpm's Lua function takes it for the start of a release.
const versions = fc
  .array(fc.constantFrom('0', '1', '2', '10', '007', 'a', 'rc', 'b', '.', '+', '~', '^', '_'), {
    minLength: 1,
    maxLength: 9,
  })
  .map((parts) => parts.join(''));

test("agrees with rpm's own order", (t) => {
  const pairs: (readonly [string, string])[] = [
    ['23.03', '22.11'],
    ['6.1.0-30-amd64', '6.1.0-9-amd64'],
    ['5.14.0-427.el9', '5.14.0-70.el9'],
    ['1.0~rc1', '1.0'],
    ['1.0^git1', '1.0'],
    ['1.0^git1', '1.0.1'],
    ...fc.sample(fc.tuple(versions, versions), {numRuns: 300, seed: 42}),
  ];
  const lua = pairs.map(([a, b]) => `print(rpm.vercmp(${JSON.stringify(a)}, ${JSON.stringify(b)}) .. ' ')`).join('\n');
  const run = spawnSync('rpm', ['--eval', `%{lua:\n${lua}\n}`], {encoding: 'utf8'});
  t.is(run.status, 0, run.stderr);
  const said = run.stdout.trim().split(/\s+/).map(Number);
  t.is(said.length, pairs.length);
  t.deepEqual(
    pairs.map(([a, b]) => [a, b, Math.sign(compareVersions(a, b))]),
    pairs.map(([a, b], index) => [a, b, said[index]]),
  );
});

test('conditions', (t) => {
  t.true(versionMeets('6.1.0-30-amd64', '>=6.1'));
  t.true(versionMeets('6.18.44', '>=4.12 <6.19'));
  t.false(versionMeets('3.10.0-1160.el7', '>=4.12'));
  t.is(versionMeets('6.1', ''), undefined);
});
