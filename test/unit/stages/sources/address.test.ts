import test from 'ava';
import {addressRefusal, nameIn, redirected} from '../../../../engine/stages/sources/address.ts';
import {waitAsked} from '../../../../engine/stages/sources/patience.ts';

const open = {pinned: false};

test('http only from this machine, or where a digest tells what must come', (t) => {
  t.is(addressRefusal('https://example.org/a', open), undefined);
  t.is(addressRefusal('http://127.0.0.1:80/a', open), undefined);
  t.is(addressRefusal('http://[::1]/a', open), undefined);
  t.is(addressRefusal('http://example.org/a', {pinned: true}), undefined);
  t.regex(addressRefusal('http://example.org/a', open) ?? '', /no sha256/);
  t.regex(addressRefusal('http://127.0.0.1.example.org/a', open) ?? '', /no sha256/);
  t.regex(addressRefusal('file:///etc/passwd', {pinned: true}) ?? '', /neither/);
  t.regex(addressRefusal('https://me:secret@example.org/a', open) ?? '', /password/);
  t.regex(addressRefusal('nonsense', open) ?? '', /no address/);
});

test('a redirect never leads from https to http, and tells whether it stays at its origin', (t) => {
  t.deepEqual(redirected('https://a.example/x', '/y', open), {url: 'https://a.example/y', sameOrigin: true});
  t.deepEqual(redirected('https://a.example/x', 'https://b.example/y', open), {
    url: 'https://b.example/y',
    sameOrigin: false,
  });
  t.is(redirected('https://a.example/x', 'http://a.example/y', {pinned: true}), undefined);
  t.is(redirected('https://a.example/x', 'http://127.0.0.1/y', open), undefined);
  t.false(redirected('http://127.0.0.1:1/x', 'http://127.0.0.1:2/x', open)?.sameOrigin);
});

test('a file gets a name that is one', (t) => {
  t.is(nameIn('https://example.org/a/linux-6.1.tar.xz?token=1'), 'linux-6.1.tar.xz');
  t.is(nameIn('https://example.org/a/..%2f..%2fb'), '.._.._b');
  t.is(nameIn('https://example.org/'), 'source');
});

const NOW = Date.parse('2026-01-01T00:00:00Z');

test('how long a server wants to be left alone', (t) => {
  t.is(waitAsked(429, {'retry-after': '7'}, NOW), 7);
  t.is(waitAsked(503, {'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT'}, NOW), 30);
  const reset = {'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 10)};
  t.is(waitAsked(403, reset, NOW), 11);
  t.is(waitAsked(429, {}, NOW), 60);
  t.is(waitAsked(403, {'x-ratelimit-remaining': '12'}, NOW), undefined);
  t.is(waitAsked(503, {}, NOW), undefined);
  t.is(waitAsked(200, {'retry-after': '7'}, NOW), undefined);
});
