import test from 'ava';
import {parseLock, requestProblems} from '../../../../engine/stages/sources/lock-file.ts';
import type {LockedSource} from '../../../../engine/stages/sources/lock.ts';
import {answers, relocked, replacedFile} from '../../../../engine/stages/sources/relock.ts';

const locked = (version: string, sha256: string): LockedSource => ({
  request: {from: 'github', repository: 'a/b', version: '^1'},
  version,
  files: [{name: 'b.tar.gz', sha256: sha256.repeat(64), size: 1, urls: []}],
});

test('a lock answers the request it was made for, in whatever order its words come', (t) => {
  t.true(answers(locked('v1', 'a'), {version: '^1', repository: 'a/b', from: 'github'}));
  t.false(answers(locked('v1', 'a'), {from: 'github', repository: 'a/b', version: '^2'}));
  t.false(answers(undefined, {from: 'folder', path: '.'}));
});

test('what became of a source', (t) => {
  t.is(relocked(undefined, locked('v1', 'a')).state, 'pinned');
  t.is(relocked(locked('v1', 'a'), locked('v1', 'a')).state, 'kept');
  t.is(relocked(locked('v1', 'a'), locked('v2', 'b')).state, 'updated');
});

test('a release whose bytes have changed is told; a branch may move', (t) => {
  t.deepEqual(replacedFile(locked('v1', 'a'), locked('v1', 'b')), {
    name: 'b.tar.gz',
    before: 'a'.repeat(64),
    after: 'b'.repeat(64),
  });
  t.is(replacedFile(locked('v1', 'a'), locked('v2', 'b')), undefined);
  const page: LockedSource = {...locked('x', 'b'), request: {from: 'url', url: 'https://example.org/x'}};
  t.is(replacedFile({...page, files: locked('x', 'a').files}, page), undefined);
});

test('faults of a lock tell its lines', (t) => {
  const text = `{
  "format": "linerate-sources",
  "version": 1,
  "sources": {
    "x": {
      "request": {"from": "git", "url": "u", "reference": "r"},
      "version": "1",
      "files": [
        {"name": "..", "sha256": "${'a'.repeat(64)}", "size": 1, "urls": []}
      ]
    }
  }
}`;
  const wrong = t.throws(() => parseLock(text, 'sources.lock.json')) as unknown as {errors: readonly {at: string}[]};
  t.deepEqual(
    wrong.errors.map(({at}) => at),
    ['sources.lock.json:9'],
  );
  const broken = t.throws(() => parseLock('{\n  "format": 1,\n<<<<<<< HEAD\n}', 'sources.lock.json')) as unknown as {
    at: string;
  };
  t.is(broken.at, 'sources.lock.json:3');
});

test('a request is refused where it would become more than a word of a configuration', (t) => {
  t.deepEqual(requestProblems({from: 'debian-package', package: 'hello', release: 'bookworm'}), []);
  t.is(requestProblems({from: 'debian-package', package: 'hello', release: 'bookworm\nTrusted: yes'}).length, 1);
  t.is(requestProblems({from: 'debian-source', package: '--option', release: 'x', version: '-1'}).length, 2);
  t.is(requestProblems({from: 'ftp'}).length, 1);
});
