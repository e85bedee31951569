import test from 'ava';
import {candidatesIn, newestOf, paragraphsOf} from '../../../../engine/stages/sources/debian-index.ts';

const digest = (letter: string): string => letter.repeat(64);

const SOURCES = `Package: linux
Binary: a, b
Version: 6.1.176-1
Directory: pool/main/l/linux
Files:
 00000000000000000000000000000000 1 linux_6.1.176-1.dsc
Checksums-Sha256:
 ${digest('a')} 10 linux_6.1.176-1.dsc
 ${digest('b')} 20 linux_6.1.176.orig.tar.xz
 ${digest('c')} 30 linux_6.1.176-1.debian.tar.xz

Package: linux-base
Version: 9
Directory: pool/main/l/linux-base
Checksums-Sha256:
 ${digest('d')} 10 linux-base_9.dsc

Package: linux
Version: 6.1.20-1
Extra-Source-Only: yes
Directory: pool/main/l/linux
Checksums-Sha256:
 ${digest('e')} 10 linux_6.1.20-1.dsc
`;

const request = {from: 'debian-source', package: 'linux', release: 'bookworm'} as const;

test('only the paragraphs of the package itself', (t) => {
  t.deepEqual(
    paragraphsOf(SOURCES, 'linux').map((one) => one.get('Version')),
    ['6.1.176-1', '6.1.20-1'],
  );
  t.deepEqual(paragraphsOf(SOURCES, 'inux'), []);
});

test('files by their sums, from the archive’s top; what is kept for others only counts when it is named', (t) => {
  const found = candidatesIn(SOURCES, request);
  t.deepEqual(
    found.map(({version, files}) => [version, files.map(({path, size}) => [path, size])]),
    [
      [
        '6.1.176-1',
        [
          ['pool/main/l/linux/linux_6.1.176-1.dsc', 10],
          ['pool/main/l/linux/linux_6.1.176.orig.tar.xz', 20],
          ['pool/main/l/linux/linux_6.1.176-1.debian.tar.xz', 30],
        ],
      ],
    ],
  );
  t.is(candidatesIn(SOURCES, {...request, version: '6.1.20-1'}).length, 2);
});

test('the packaging alone', (t) => {
  const [candidate] = candidatesIn(SOURCES, {...request, only: 'packaging'});
  t.deepEqual(
    candidate?.files.map(({name}) => name),
    ['linux_6.1.176-1.dsc', 'linux_6.1.176-1.debian.tar.xz'],
  );
});

test('a binary package is one file; one without a SHA-256 cannot be pinned', (t) => {
  const packages = `Package: linux-source-6.1
Version: 6.1.176-1
Filename: pool/main/l/linux/linux-source-6.1_6.1.176-1_all.deb
Size: 139131140
SHA256: ${digest('f')}

Package: linux-source-6.1
Version: 9
Filename: pool/x.deb
Size: 1
`;
  t.deepEqual(candidatesIn(packages, {from: 'debian-package', package: 'linux-source-6.1', release: 'bookworm'}), [
    {
      version: '6.1.176-1',
      files: [
        {
          name: 'linux-source-6.1_6.1.176-1_all.deb',
          path: 'pool/main/l/linux/linux-source-6.1_6.1.176-1_all.deb',
          sha256: digest('f'),
          size: 139_131_140,
        },
      ],
    },
  ]);
});

test('the newest by dpkg’s order, or exactly the one that is asked for', (t) => {
  const all = ['6.1.9-1', '6.1.176-1', '6.1.176-1~bpo1', '6.1.100-1'].map((version) => ({version}));
  t.is(newestOf(all, undefined)?.version, '6.1.176-1');
  t.is(newestOf(all, '6.1.9-1')?.version, '6.1.9-1');
  t.is(newestOf(all, '7'), undefined);
});
