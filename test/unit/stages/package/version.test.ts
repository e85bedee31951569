import test from 'ava';
import fc from 'fast-check';
import {Fault} from '../../../../engine/model/fault.ts';
import {shellJoin} from '../../../../engine/model/shell.ts';
import {RELEASES} from '../../../../engine/stages/package/releases.ts';
import {markedRelease, packageVersion, VERSION_FILTER} from '../../../../engine/stages/package/version.ts';
import {outputOf} from '../../../support/machines/command.ts';

type Upstream = {numbers: readonly number[]; candidate: number | undefined};

const upstream: fc.Arbitrary<Upstream> = fc.record({
  numbers: fc.array(fc.nat({max: 30}), {minLength: 3, maxLength: 3}),
  candidate: fc.option(fc.integer({min: 1, max: 20}), {nil: undefined}),
});

const textOf = ({numbers, candidate}: Upstream): string =>
  numbers.join('.') + (candidate === undefined ? '' : `-rc${String(candidate)}`);

const places = ({numbers, candidate}: Upstream): readonly number[] => [...numbers, candidate ?? Infinity];

const orderOf = (a: Upstream, b: Upstream): number => {
  const [left, right] = [places(a), places(b)];
  const place = left.findIndex((number, index) => number !== right[index]);
  return place === -1 ? 0 : Math.sign((left[place] ?? 0) - (right[place] ?? 0));
};

// Close to each other, as far ones are ordered by any scheme.
const pairs = fc.sample(
  fc
    .tuple(upstream, upstream, fc.integer({min: 0, max: 3}))
    .map(([a, b, same]) => [a, {...b, numbers: [...a.numbers.slice(0, same), ...b.numbers.slice(same)]}] as const),
  {numRuns: 150, seed: 7},
);

const expected = pairs.map(([a, b]) => String(orderOf(a, b)));

test('dpkg orders versions as upstream does', async (t) => {
  const lines = pairs.map(([a, b]) => {
    const versions = [a, b].map((one) => `${packageVersion(textOf(one))}-1+deb12`);
    return `dpkg --compare-versions ${shellJoin([versions[0] ?? '', 'lt', versions[1] ?? ''])} && echo -1 || { dpkg --compare-versions ${shellJoin([versions[0] ?? '', 'eq', versions[1] ?? ''])} && echo 0 || echo 1; }`;
  });
  t.deepEqual((await outputOf('sh', '-c', lines.join('\n'))).trim().split('\n'), expected);
});

test('rpm orders versions as upstream does', async (t) => {
  const lines = pairs.map(([a, b]) => {
    const [left, right] = [a, b].map((one) => JSON.stringify(`${packageVersion(textOf(one))}-1.el9`));
    return `print(rpm.vercmp(${left ?? ''}, ${right ?? ''}), "\\n")`;
  });
  const said = await outputOf('rpm', '--eval', `%{lua: ${lines.join(' ')}}`);
  t.deepEqual(
    said.split(/\s+/).filter((word) => word !== ''),
    expected,
  );
});

test("a stage's filter says the same", async (t) => {
  const texts = [
    'v6.12.3',
    '6.13-rc1',
    '6.1.176-1',
    '1.2.0-beta.11',
    '23.11_rc2',
    '25.11',
    '2.6.32-431.17.1.el6',
    '5.0rc3',
  ];
  const said = await outputOf('sh', '-c', `printf '%s\\n' ${shellJoin(texts)} | ${VERSION_FILTER}`);
  t.deepEqual(said.trim().split('\n'), texts.map(packageVersion));
  t.deepEqual(texts.map(packageVersion), [
    '6.12.3',
    '6.13~rc1',
    '6.1.176.1',
    '1.2.0~beta11',
    '23.11~rc2',
    '25.11',
    '2.6.32.431.17.1.el6',
    '5.0~rc3',
  ]);
});

test('what no scheme takes is refused by name', (t) => {
  for (const text of ['', 'main', '1:2', '1.0 2', '1.0/2', '\u001b[31m1'])
    t.is(t.throws(() => packageVersion(text), {instanceOf: Fault})?.code, 'package-version', text);
});

test('packages of a newer release of the same distribution sort later', async (t) => {
  const versionFor = (name: 'bookworm' | 'trixie' | 'el8' | 'el9' | 'el10'): string =>
    `6.1.176-${markedRelease({release: 1}, RELEASES[name])}`;
  await t.notThrowsAsync(outputOf('dpkg', '--compare-versions', versionFor('bookworm'), 'lt', versionFor('trixie')));
  const [el8, el9, el10] = (['el8', 'el9', 'el10'] as const).map((name) => JSON.stringify(versionFor(name)));
  const said = await outputOf(
    'rpm',
    '--eval',
    `%{lua: print(rpm.vercmp(${el8 ?? ''}, ${el9 ?? ''}), rpm.vercmp(${el9 ?? ''}, ${el10 ?? ''}))}`,
  );
  t.deepEqual(said.trim().split(/\s+/), ['-1', '-1']);
});
