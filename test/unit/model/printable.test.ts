import test from 'ava';
import fc from 'fast-check';
import {printable, printableLine} from '../../../engine/model/printable.ts';
import {Secret} from '../../../engine/model/secret.ts';

test('escape sequences become words', (t) => {
  t.is(printable('\u001b[31mred\u0007'), '\\x1b[31mred\\x07');
  t.is(printable('a\tb\nc'), 'a\tb\nc');
  t.is(printable('\u202egnp.exe'), '\\u202egnp.exe');
  t.is(printableLine(' a\n\n b '), 'a | b');
  t.is(printableLine('x'.repeat(500)).length, 400);
});

test('no control character is ever left', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        // eslint-disable-next-line no-control-regex
        return !/[\u0000-\u001f\u007f-\u009f]/.test(printableLine(text));
      }),
    );
  });
});

test('a secret prints as redacted wherever it goes', (t) => {
  const secret = new Secret('hunter2');
  t.is(`${String(secret)} ${JSON.stringify({secret})}`, '[redacted] {"secret":"[redacted]"}');
  t.is(secret.reveal(), 'hunter2');
});
