import test from 'ava';
import fc from 'fast-check';
import {maxSatisfying} from 'semver';
import {chooseTag, matching} from '../../../../engine/stages/sources/tags.ts';

const TAGS = ['v1.2.0', 'v1.10.0', '1.9.9', 'v2.0.0-rc1', 'nightly', 'v23.03', 'v6.12', 'v1.10.1-rc2'];

test('a range picks the newest release; tags that are no versions are counted', (t) => {
  t.deepEqual(chooseTag(TAGS, '^1.2'), {tag: 'v1.10.0', ignored: 3});
  t.deepEqual(chooseTag(TAGS, '1.9.x'), {tag: '1.9.9', ignored: 3});
});

test('pre-releases count only where they are asked for', (t) => {
  t.deepEqual(chooseTag(TAGS, '>=2.0.0-rc0'), {tag: 'v2.0.0-rc1', ignored: 3});
  t.true('none' in chooseTag(TAGS, '>=2'));
});

test('a tag of exactly that name needs to be no version', (t) => {
  t.deepEqual(chooseTag(TAGS, 'v23.03'), {tag: 'v23.03', ignored: 0});
  t.deepEqual(chooseTag(TAGS, 'nightly'), {tag: 'nightly', ignored: 0});
});

test('what nothing meets says how many there were', (t) => {
  t.deepEqual(chooseTag(TAGS, '^3'), {none: 'none of its 8 tags meets ^3 (3 are no semantic versions)'});
  t.deepEqual(chooseTag(TAGS, 'stable'), {
    none: 'none of its 8 tags is stable, which is no semver range either',
  });
});

test('whatever the order of tags, the choice is the one of semver', (t) => {
  const version = fc.tuple(fc.nat(3), fc.nat(12), fc.nat(12)).map((numbers) => numbers.join('.'));
  fc.assert(
    fc.property(
      fc.uniqueArray(version, {minLength: 1}),
      fc.constantFrom('^1', '*', '~2.3', '>=1.5 <3'),
      (versions, range) => {
        const choice = chooseTag(
          versions.map((one, place) => (place % 2 === 0 ? `v${one}` : one)),
          range,
        );
        t.is('tag' in choice ? choice.tag.replace('v', '') : null, maxSatisfying(versions, range));
      },
    ),
  );
});

test('an asset is named whole, or by a pattern', (t) => {
  const names = ['a-1.2.tar.gz', 'a-1.2.tar.gz.asc', 'b.zip'];
  t.deepEqual(matching(names, 'a-*.tar.gz'), ['a-1.2.tar.gz']);
  t.deepEqual(matching(names, 'a-1.2.tar.gz'), ['a-1.2.tar.gz']);
  t.deepEqual(matching(names, 'a-1x2*'), []);
});
