import test from 'ava';
import {
  formatAptSources,
  officialSources,
  ofRelease,
  parseAptSources,
} from '../../../../engine/stages/sources/apt-sources.ts';
import {placesOf, withMirrors} from '../../../../engine/stages/sources/debian-places.ts';

const LINES = `# comment
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main contrib # more
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/security bookworm-security main
deb http://mirror.example/debian bookworm-backports main
deb http://other.example/tool stable main
`;

const PARAGRAPHS = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
`;

test('of a machine’s sources only those of the release count, with its updates and its security archive', (t) => {
  const found = ofRelease(parseAptSources(LINES, '/etc/apt/sources.list'), 'bookworm');
  t.deepEqual(
    found.map(({uris, suites, components}) => [uris, suites, components]),
    [
      [['http://mirror.example/debian'], ['bookworm'], ['main', 'contrib']],
      [['http://mirror.example/security'], ['bookworm-security'], ['main']],
    ],
  );
  t.is(ofRelease(parseAptSources(LINES, 'sources.list'), 'bookworm-backports').length, 1);
  t.deepEqual(ofRelease(parseAptSources(LINES, 'sources.list'), 'noble'), []);
});

test('the newer format, with a key inside and an entry that is off', (t) => {
  const found = ofRelease(parseAptSources(PARAGRAPHS, 'debian.sources'), 'bookworm');
  t.deepEqual(
    found.map(({suites}) => suites),
    [['bookworm', 'bookworm-updates']],
  );
  t.is(
    formatAptSources(found, 'Sources'),
    `Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Targets: Sources
Signed-By: 
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
`,
  );
});

test('what is written is read again as the same', (t) => {
  for (const [text, file] of [
    [LINES, 'sources.list'],
    [PARAGRAPHS, 'x.sources'],
  ] as const) {
    const sources = ofRelease(parseAptSources(text, file), 'bookworm').map(({options, ...rest}) => ({
      ...rest,
      options: Object.fromEntries(Object.entries(options).filter(([name]) => name === 'Signed-By')),
    }));
    const again = parseAptSources(formatAptSources(sources, 'Packages'), 'x.sources');
    t.deepEqual(
      again.map(({options: {Targets: _targets, ...options}, ...rest}) => ({...rest, options})),
      sources,
    );
  }
});

test('Debian’s own archives stand in for a release that a machine does not have', (t) => {
  const suites = (release: string) => officialSources(release).flatMap((one) => one.suites);
  t.deepEqual(suites('trixie'), ['trixie', 'trixie-updates', 'trixie-security']);
  t.deepEqual(suites('trixie-security'), ['trixie-security']);
  t.deepEqual(suites('trixie-backports'), ['trixie-backports']);
});

const DATE = 'Sat, 17 May 2025 09:16:11 UTC';

test('a file’s places: the archive it is of, then the snapshot after its Release file', (t) => {
  const security = {uri: 'http://x/', origin: 'Debian', label: 'Debian-Security', date: DATE};
  t.deepEqual(placesOf('pool/updates/main/l/linux/a.deb', security), [
    'https://security.debian.org/debian-security/pool/updates/main/l/linux/a.deb',
    'https://snapshot.debian.org/archive/debian-security/20250518T091611Z/pool/updates/main/l/linux/a.deb',
  ]);
});

test('an archive that is not Debian’s keeps its own address, without a password', (t) => {
  const own = {uri: 'https://me:secret@apt.example/x', origin: 'Mine', label: '', date: DATE};
  t.deepEqual(placesOf('pool/a.deb', own), ['https://apt.example/x/pool/a.deb']);
});

test('this machine’s mirrors come before the official archives', (t) => {
  const sources = ofRelease(parseAptSources(LINES, 'sources.list'), 'bookworm');
  t.deepEqual(withMirrors(['https://deb.debian.org/debian/pool/a.deb', 'https://elsewhere.example/a.deb'], sources), [
    'http://mirror.example/debian/pool/a.deb',
    'https://deb.debian.org/debian/pool/a.deb',
    'https://elsewhere.example/a.deb',
  ]);
  t.is(
    withMirrors(['https://security.debian.org/debian-security/pool/a.deb'], sources)[0],
    'http://mirror.example/security/pool/a.deb',
  );
});
