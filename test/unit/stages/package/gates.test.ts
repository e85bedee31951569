import {readFileSync} from 'node:fs';
import test from 'ava';
import {misfits} from '../../../../engine/stages/package/fit.ts';
import {leaksIn, namesOfBuilder} from '../../../../engine/stages/package/leaks.ts';
import {lintFindings, unexcused} from '../../../../engine/stages/package/lint.ts';
import {RELEASES} from '../../../../engine/stages/package/releases.ts';
import {elfNeeds} from '../../../../engine/stages/package/elf.ts';
import {outputOf} from '../../../support/machines/command.ts';

const needing = (library: string, version: string) => ({libraries: [library], symbols: [{library, version}]});

test('a program fits a release that has all its symbols', (t) => {
  const program = needing('libc.so.6', 'GLIBC_2.34');
  t.deepEqual(misfits(program, RELEASES.el9, []), []);
  t.deepEqual(misfits(program, RELEASES.el8, []), [
    'needs GLIBC_2.34 of libc.so.6, and Enterprise Linux 8 has GLIBC_2.28',
  ]);
  t.deepEqual(misfits(needing('libcrypto.so.1.1', 'OPENSSL_1_1_1'), RELEASES.el8, []), []);
  t.is(misfits(needing('libcrypto.so.3', 'OPENSSL_3.0.0'), RELEASES.el8, []).length, 2);
  t.deepEqual(misfits(needing('libcrypto.so.3', 'OPENSSL_3.2.0'), RELEASES.bookworm, []), [
    'needs OPENSSL_3.2.0 of libcrypto.so.3, and Debian 12 has OPENSSL_3.0.9',
  ]);
  t.is(misfits(needing('libc.so.6', 'GLIBC_PRIVATE'), RELEASES.trixie, []).length, 1);
});

test("a library is the release's or the package's own", (t) => {
  const program = needing('libfoo.so.1', 'FOO_1');
  t.deepEqual(misfits(program, RELEASES.noble, []), [
    'needs libfoo.so.1, which is not among the libraries of Ubuntu 24.04',
  ]);
  t.deepEqual(misfits(program, RELEASES.noble, ['libfoo.so.1']), []);
});

test("the table says of this machine's release what its own libraries have", async (t) => {
  const os = readFileSync('/etc/os-release', 'utf8');
  t.regex(os, /^VERSION_CODENAME=bookworm$/m, 'the tests run on Debian 12');
  const {symbols} = RELEASES.bookworm;
  for (const [library, family] of [
    ['libc.so.6', 'GLIBC'],
    ['libcrypto.so.3', 'OPENSSL'],
    ['libelf.so.1', 'ELFUTILS'],
    ['libz.so.1', 'ZLIB'],
    ['libgcc_s.so.1', 'GCC'],
  ] as const) {
    const defined = await outputOf('readelf', '--wide', '--version-info', `/lib/x86_64-linux-gnu/${library}`);
    const versions = [...defined.matchAll(new RegExp(`Name: ${family}_([\\d.]+)`, 'g'))].map(([, one = '']) => one);
    t.true(versions.length > 0, library);
    // Nothing that it has is refused.
    for (const version of versions)
      t.deepEqual(
        misfits(needing(library, `${family}_${version}`), RELEASES.bookworm, []),
        [],
        `${library} ${version}`,
      );
    t.true(versions.includes(symbols[family]) || family === 'OPENSSL', `${library} has ${symbols[family]}`);
  }
  t.is(elfNeeds(readFileSync('/lib/x86_64-linux-gnu/libelf.so.1')) === undefined, false);
});

test('a name of the builder is found as a word of its own only', (t) => {
  const names = namesOfBuilder('bench42', ['/tmp/store/drafts/1', '/']);
  const leaks = (text: string): readonly string[] => leaksIn(new TextEncoder().encode(text), names);
  t.deepEqual(leaks('built on bench42.'), ['bench42']);
  t.deepEqual(leaks('bench421 mybench42'), []);
  t.deepEqual(leaks('\0/linerate/work\0/tmp/store/drafts/1/out/x\0'), ['/linerate/work', '/tmp/store/drafts/1']);
  t.deepEqual(leaks('.file "/linerate/in/source/tree/a.c"'), ['/linerate/in/']);
  t.deepEqual(leaks('/linerate/output /srv/tmp/store/drafts/12'), []);
  t.deepEqual(leaksIn(new TextEncoder().encode('a debian host'), namesOfBuilder('debian', [])), []);
});

test('errors and warnings are read out of what linters say, and exceptions are made for some', (t) => {
  const lintian = lintFindings(
    'lintian',
    'N: a note\nW: linux-image: non-standard-file-perm 0600 != 0644 [boot/System.map-1]\nE: linux source: bad-thing\nI: x: y z\n',
  );
  t.deepEqual(lintian, [
    {severity: 'warning', tag: 'non-standard-file-perm', about: '0600 != 0644 [boot/System.map-1]'},
    {severity: 'error', tag: 'bad-thing', about: ''},
  ]);
  const rpmlint = lintFindings(
    'rpmlint',
    'checks: 1\nkernel.x86_64: E: no-signature\nkernel.x86_64: W: odd /boot/a b\n',
  );
  t.deepEqual(
    rpmlint.map(({tag}) => tag),
    ['no-signature', 'odd'],
  );
  const exceptions = [
    {by: 'rpmlint', tag: 'no-signature', why: 'later'},
    {by: 'rpmlint', tag: 'odd', about: '/etc/', why: 'only there'},
    {by: 'rpmlint', tag: 'bad-thing', why: 'of the other'},
  ] as const;
  t.deepEqual(
    unexcused('rpmlint', rpmlint, exceptions).map(({tag}) => tag),
    ['odd'],
  );
  t.is(unexcused('lintian', lintian, exceptions).length, 2);
});
