import {createHash} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {sha256} from '../../../engine/model/sha256.ts';

test('digests are those of OpenSSL, whatever the length', (t) => {
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  for (let length = 0; length < 200; length += 1) {
    const bytes = new Uint8Array(length).fill(length);
    t.is(sha256(bytes), digest(bytes));
  }
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 5000}), (bytes) => {
      t.is(sha256(bytes), digest(bytes));
    }),
  );
});
