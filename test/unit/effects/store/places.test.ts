import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {places} from '../../../../engine/effects/store/places.ts';

const at = places('/store');

test('a stage has a readable place', (t) => {
  t.is(at.latestOf('kernels/lab-6.1 compile'), '/store/latest/kernels:lab-6.1_compile');
});

test('every stage has a place of its own, in the folder that it belongs into', (t) => {
  const name = fc.oneof(
    fc.string({minLength: 1}),
    fc.stringMatching(/^[./ _:%a]+$/).filter((text) => text !== ''),
  );
  fc.assert(
    fc.property(name, name, (one, other) => {
      t.is(path.dirname(at.latestOf(one)), '/store/latest');
      t.false(at.latestOf(one).includes('\0'));
      t.is(at.latestOf(one) === at.latestOf(other), one === other);
    }),
  );
});
