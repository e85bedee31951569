import {Buffer} from 'node:buffer';
import {execFileSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {announce, freshToken, markedStream, sinceLastMark} from '../../../../engine/effects/connections/marks.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';

const cut = (stream: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < stream.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    pieces.push(stream.subarray(at, at + size));
    at += size;
  }
  return pieces;
};

const bytes = fc.oneof(
  fc.uint8Array({maxLength: 200}),
  // Near misses of the marks themselves.
  fc
    .array(fc.constantFrom('\n', TOKEN, TOKEN.slice(0, 8), ' begin 0', ' end', 'x'), {maxLength: 20})
    .map((words) => Buffer.from(words.join('').replaceAll(`\n${TOKEN} `, ''))),
);
const sizes = fc.array(fc.integer({min: 1, max: 90}), {minLength: 1, maxLength: 8});

test('whatever surrounds it and however it is cut, the body comes out exactly', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({min: 0, max: 255}), sizes, (noise, body, rest, status, sizes) => {
        const begin = Buffer.from(`\n${TOKEN} begin 0\n`);
        const stream = Buffer.concat([noise, begin, body, Buffer.from(`\n${TOKEN} end ${String(status)}\n`), rest]);
        const marked = markedStream(TOKEN, {most: 1e6, exceeded: () => undefined});
        for (const piece of cut(stream, sizes)) marked.push(piece);
        return marked.begun() && marked.ended() === String(status) && marked.body().equals(Buffer.from(body));
      }),
    );
  });
});

test('nothing but the whole end mark ends it', (t) => {
  const stream = Buffer.from(`noise\n${TOKEN} begin 0\nbody\n${TOKEN} end 12\n`);
  for (let length = 0; length <= stream.length; length++) {
    const marked = markedStream(TOKEN, {most: 1e6, exceeded: () => undefined});
    marked.push(stream.subarray(0, length));
    t.is(marked.ended(), length === stream.length ? '12' : undefined);
    t.is(marked.begun(), length >= stream.indexOf('body'));
  }
});

test('the excess of a body is told of, and dropped', (t) => {
  let exceeded = 0;
  const marked = markedStream(TOKEN, {most: 10, exceeded: () => (exceeded += 1)});
  marked.push(Buffer.from(`\n${TOKEN} begin 0\n${'y'.repeat(100)}\n${TOKEN} end 0\n`));
  t.is(marked.body().toString(), 'yyyyyyyyyy');
  t.is(marked.ended(), '0');
  t.true(exceeded > 0);
});

for (const shell of ['dash', 'bash', 'busybox'])
  test(`${shell} announces what is watched for, and its text does not hold the token`, (t) => {
    const token = freshToken();
    const script = `${announce(token, 'begin')}; printf body; ${announce(token, 'end', '"$?"')}`;
    const out = execFileSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', script]);
    const marked = markedStream(token, {most: 100, exceeded: () => undefined});
    marked.push(out);
    t.deepEqual([marked.body().toString(), marked.ended()], ['body', '0']);
    t.false(script.includes(token));
  });

test('what came since the last mark', (t) => {
  t.is(sinceLastMark('all'), 'all');
  t.is(sinceLastMark(`banner\n${TOKEN} begin 0\nwords\n`), '\nwords\n');
  t.is(sinceLastMark(`a\n${TOKEN} begin 0\nb\n${TOKEN} end 0\nc`), '\nc');
});
