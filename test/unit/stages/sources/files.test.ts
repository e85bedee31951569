import test from 'ava';
import {filesIn, parseDeb822} from '../../../../engine/stages/sources/deb822.ts';
import {formatLock, parseLock} from '../../../../engine/stages/sources/lock-file.ts';
import type {SourcesLock} from '../../../../engine/stages/sources/lock.ts';

const A = 'a'.repeat(64);

const LOCK: SourcesLock = {
  format: 'linerate-sources',
  version: 1,
  sources: {
    z: {
      request: {from: 'url', url: 'https://example.org/z.tar.xz', sha256: A},
      version: 'z',
      files: [{name: 'z.tar.xz', sha256: A, size: 3, urls: ['https://example.org/z.tar.xz']}],
    },
    a: {
      request: {from: 'github', repository: 'owner/name', version: '^1.2'},
      version: 'v1.2.3',
      files: [{name: 'v1.2.3.tar.gz', sha256: A, size: 0, urls: []}],
    },
  },
};

test('a lock comes back as it was written, its sources by their names', (t) => {
  const text = formatLock(LOCK);
  t.deepEqual(parseLock(text, 'sources.lock.json'), LOCK);
  t.true(text.indexOf('"a": {') < text.indexOf('"z": {'));
  t.is(formatLock(parseLock(text, 'x')), text);
});

test('everything that is wrong with a lock is told, each by its path', (t) => {
  const text = JSON.stringify({
    ...LOCK,
    sources: {
      x: {request: {from: 'github', repository: 'name', version: '1'}, version: '1', files: []},
      y: {
        request: {from: 'git', url: 'u', reference: 'r'},
        version: '1',
        files: [{name: '../y', sha256: 'A', size: -1, urls: []}],
      },
    },
  });
  const faults = t.throws(() => parseLock(text, 'sources.lock.json')) as unknown as {
    errors: readonly {message: string}[];
  };
  t.deepEqual(
    faults.errors.map(({message}) => message.replace('sources.lock.json: sources.', '').replace(/: .*/, '')).sort(),
    ['x.files', 'x.request.repository', 'y.files.0.name', 'y.files.0.sha256', 'y.files.0.size'],
  );
  t.throws(() => parseLock('{', 'sources.lock.json'), {message: /is no JSON/});
});

test('Debian’s control files, signed or not', (t) => {
  const release = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Debian
- -----a dash
SHA256:
 ${A}     1234 main/source/Sources.xz
 ${'b'.repeat(64)} 5 main/binary-amd64/Packages
-----BEGIN PGP SIGNATURE-----

iQ
-----END PGP SIGNATURE-----
`;
  const [fields] = parseDeb822(release);
  t.is(fields?.get('Origin'), 'Debian');
  t.deepEqual(filesIn(fields?.get('SHA256')), [
    {name: 'main/source/Sources.xz', digest: A, size: 1234},
    {name: 'main/binary-amd64/Packages', digest: 'b'.repeat(64), size: 5},
  ]);
  const paragraphs = parseDeb822('Package: a\nVersion: 1:2-3\nDescription: x\n .\n more\n\n\nPackage: b\n');
  t.deepEqual(
    paragraphs.map((one) => one.get('Package')),
    ['a', 'b'],
  );
  t.is(paragraphs[0]?.get('Version'), '1:2-3');
  t.is(paragraphs[0]?.get('Description'), 'x\n.\nmore');
});
