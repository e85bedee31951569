import test from 'ava';
import fc from 'fast-check';
import {mergedFiles} from '../../../engine/facts/merged-files.ts';
import {sysctls, winningLine} from '../../../engine/facts/sysctls.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';

// The oracle is systemd-sysctl itself, writing to a /proc/sys that is a tmpfs in namespaces of its own. Writing there does
// not shorten a file as the kernel does, so its first line is what was written last.
const INTERFACES = ['all', 'default', 'eth0', 'eth0.5', 'lo'];
const KEYS = [
  'kernel/pid_max',
  'net/core/rmem_max',
  'net/core/somaxconn',
  ...INTERFACES.map((name) => `net/ipv4/conf/${name}/rp_filter`),
];
const DIRECTORIES = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];

type File = {directory: string; name: string; content: 'null' | readonly string[]};

const key = fc.constantFrom(
  'net.core.somaxconn',
  'net/core/somaxconn',
  '/net/core/somaxconn',
  'net.core.rmem_max',
  'net.core/rmem_max',
  'kernel.pid_max',
  'net.ipv4.conf.eth0.rp_filter',
  'net.ipv4.conf.eth0/5.rp_filter',
  'net/ipv4/conf/eth0.5/rp_filter',
  'net.ipv4.conf.*.rp_filter',
  'net/ipv4/conf/*/rp_filter',
  'net.ipv4.conf.eth*.rp_filter',
  'net/ipv4/conf/[a-d]*/rp_filter',
  'net.ipv4.conf.??.rp_filter',
  'net.ipv4.conf.[!el]*.rp_filter',
  'net.ipv4.conf.{lo,eth}*.rp_filter',
  'net.*.rmem_max',
  'kernel.*',
);
const value = fc.constantFrom('1', '2', '3', '4096 131072 33554432');
const line = fc.oneof(
  {weight: 6, arbitrary: fc.tuple(key, value).map(([key, value]) => `${key} = ${value}`)},
  {weight: 2, arbitrary: fc.tuple(key, value).map(([key, value]) => `\t-${key}=${value}  `)},
  {weight: 2, arbitrary: key.map((key) => `-${key}`)},
  fc.constantFrom('', '# net.core.somaxconn = 9', ';kernel.pid_max=9', '  # kernel.pid_max=9', 'kernel.pid_max', '='),
);
const file: fc.Arbitrary<File> = fc.record({
  directory: fc.constantFrom(...DIRECTORIES),
  name: fc.constantFrom(
    '10-a.conf',
    '50-b.conf',
    '50-B.conf',
    '99-z.conf',
    'README',
    '.50-c.conf',
    '60-x.conf.dpkg-old',
  ),
  content: fc.oneof(
    {weight: 8, arbitrary: fc.array(line, {maxLength: 6})},
    {weight: 1, arbitrary: fc.constant('null' as const)},
  ),
});
const tree = fc.uniqueArray(file, {maxLength: 8, selector: ({directory, name}) => `${directory}/${name}`});

const write = ({directory, name, content}: File): string =>
  content === 'null'
    ? `ln -s /dev/null /mnt${directory}/${name}`
    : `printf '%s\\n' ${content.map(shellQuote).join(' ')} >/mnt${directory}/${name}`;

/** Shell text that makes the files below /mnt, has systemd apply them, and prints what it wrote and the files' order. */
const oracle = (files: readonly File[]): string => `
mkdir -p ${DIRECTORIES.map((directory) => `/mnt${directory}`).join(' ')}
${files.map(write).join('\n')}
mount -t tmpfs none /proc/sys
mount -t tmpfs none /run
mount -t tmpfs none /usr/local/lib
mkdir -p /run/sysctl.d /usr/local/lib/sysctl.d
for directory in ${DIRECTORIES.join(' ')}; do mount --bind /mnt$directory $directory; done
for key in ${KEYS.join(' ')}; do mkdir -p /proc/sys/\${key%/*}; echo - >/proc/sys/$key; done
[ -x /lib/systemd/systemd-sysctl ] || echo 'systemd-sysctl of Debian package systemd is missing' >&2
/lib/systemd/systemd-sysctl 2>/dev/null || true
grep -rm1 '' /proc/sys
SYSTEMD_COLORS=0 systemd-analyze cat-config --root=/mnt sysctl.d 2>/dev/null | grep '^# /mnt/.*/sysctl\\.d/' || true`;

test('what systemd-sysctl writes is what the winning line says, for any set of files', (t) => {
  fc.assert(
    fc.property(tree, (files) => {
      const frames = probeInNamespace([sysctls], {prepare: oracle(files), root: '/mnt'});
      const {configured} = sysctls.parse(frames);
      const written = Object.fromEntries(
        [...frames.preamble.matchAll(/^\/proc\/sys\/(.*?):(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
      );
      const won = Object.fromEntries(KEYS.map((key) => [key, winningLine(configured, key)?.value ?? '-']));
      t.deepEqual(won, written);
      const order = [...frames.preamble.matchAll(/^# \/mnt(\/.*)$/gm)].map(([, path = '']) => path);
      t.deepEqual(mergedFiles(frames.lists.get('sysctl.d') ?? [], DIRECTORIES), order);
    }),
    {numRuns: 60},
  );
});
