import test from 'ava';
import {expandBraces, globPattern} from '../../../engine/facts/glob.ts';
import {type SysctlLine, sysctls, winningLine} from '../../../engine/facts/sysctls.ts';
import {framesOf} from '../../support/host-frames.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree} from '../../support/text-tree.ts';

const WANTED = {
  sysctls: [
    'net/core/somaxconn',
    'net/ipv4/tcp_rmem',
    'net/ipv4/conf/*/rp_filter',
    'net/ipv4/route/flush',
    'net/ipv4/tcp_tw_recycle',
    'net/netfilter/nf_conntrack_max',
    'net/netfilter/nf_conntrack_buckets',
    'net/bridge/*',
    'net/ipv4/conf/eth0.5/rp_filter',
  ],
};

const asked = {...sysctls, script: () => sysctls.script(WANTED)};

test('live values: vectors, globs, write-only keys, keys of modules, keys that the kernel does not have', (t) => {
  const prepare = 'ip link add eth0.5 type veth peer name eth1';
  const {live} = sysctls.parse(probeInNamespace([asked], {prepare}));
  t.regex(JSON.stringify(live['net/core/somaxconn']), /^\{"value":"\d+"\}$/);
  t.regex(JSON.stringify(live['net/ipv4/tcp_rmem']), /^\{"value":"\d+ \d+ \d+"\}$/);
  t.deepEqual(live['net/ipv4/route/flush'], {unreadable: 'Permission denied'});
  t.is(live['net/ipv4/tcp_tw_recycle'], 'unsupported');
  t.regex(JSON.stringify(live['net/ipv4/conf/eth0.5/rp_filter']), /value/);
  t.deepEqual(
    Object.keys(live)
      .filter((key) => key.startsWith('net/ipv4/conf/'))
      .toSorted(),
    ['all', 'default', 'eth0.5', 'eth1', 'lo'].map((name) => `net/ipv4/conf/${name}/rp_filter`),
  );
  t.false('net/bridge/*' in live);
});

test('a key is absent while its module is not loaded, unsupported when it is', (t) => {
  const absent = [
    '/proc/sys/net/netfilter/nf_conntrack_max',
    '/proc/sys/net/bridge/bridge-nf-call-iptables',
    '/proc/sys/net/netfilter/nf_none',
  ];
  const files = {'/proc/modules': 'nf_conntrack 1 0 - Live 0x0\nveth 1 0 - Live 0x0\n'};
  const {live} = sysctls.parse(framesOf({files, absent}));
  t.deepEqual(live, {
    'net/netfilter/nf_conntrack_max': 'unsupported',
    'net/bridge/bridge-nf-call-iptables': 'absent',
    'net/netfilter/nf_none': 'unsupported',
  });
  t.is(sysctls.parse(framesOf({absent})).live['net/netfilter/nf_conntrack_max'], 'absent');
});

test('an image has no live values; what it configures is read', (t) => {
  const tree = '==> /etc/sysctl.d/10-a.conf\n# comment\n\nnet.core.somaxconn = 1024\n';
  const {live, configured} = sysctls.parse(probeInNamespace([asked], {prepare: plantTree(tree), root: '/mnt'}));
  t.deepEqual(live, {});
  t.deepEqual(configured, [
    {key: 'net/core/somaxconn', value: '1024', at: '/etc/sysctl.d/10-a.conf:3', ignoreErrors: false},
  ]);
});

test('files in the order of systemd-sysctl, /etc/sysctl.conf through its link only', (t) => {
  const tree = `==> /etc/sysctl.conf
a.b = conf
==> /etc/sysctl.d/99-sysctl.conf -> ../sysctl.conf
==> /etc/sysctl.d/10-masked.conf -> /dev/null
==> /usr/lib/sysctl.d/10-masked.conf
a.b = masked
==> /etc/sysctl.d/20-empty.conf
==> /usr/lib/sysctl.d/20-empty.conf
a.b = hidden
==> /run/sysctl.d/50-x.conf
a.b = run
==> /usr/lib/sysctl.d/50-x.conf
a.b = vendor
==> /usr/local/lib/sysctl.d/15-local.conf
-a.b = local
-a.c
`;
  const read = (text: string) =>
    sysctls.parse(probeInNamespace([sysctls], {prepare: plantTree(text), root: '/mnt'})).configured;
  t.deepEqual(
    read(tree).map(({at, value}) => `${at} ${value}`),
    [
      '/usr/local/lib/sysctl.d/15-local.conf:1 local',
      '/usr/local/lib/sysctl.d/15-local.conf:2 ',
      '/run/sysctl.d/50-x.conf:1 run',
      '/etc/sysctl.d/99-sysctl.conf:1 conf',
    ],
  );
  t.like(read(tree)[1], {key: 'a/c', ignoreErrors: true, exclusion: true});
  t.deepEqual(read('==> /etc/sysctl.conf\na.b = conf\n'), []);
});

const lines = (...texts: readonly string[]): readonly SysctlLine[] =>
  texts.map((text, index) => {
    const [key = '', value] = text.split('=');
    const at = `/etc/sysctl.d/1.conf:${String(index + 1)}`;
    return {key, value: value ?? '', at, ignoreErrors: false, ...(value === undefined ? {exclusion: true} : {})};
  });

test('the winning line: the last of a key, an exact one before any glob, none after an exclusion', (t) => {
  const winner = (configured: readonly SysctlLine[], key: string): string | undefined =>
    winningLine(configured, key)?.at.replace(/.*:/, '');
  t.is(winner(lines('a/b=1', 'a/b=2'), 'a/b'), '2');
  t.is(winner(lines('a/b=1', 'a/*=2'), 'a/b'), '1');
  t.is(winner(lines('a/*=1', '*/b=2'), 'a/b'), '2');
  t.is(winner(lines('a/*=1', '*/b=2', 'a/*=1'), 'a/b'), '2', 'an equal assignment keeps its first place');
  t.is(winner(lines('a/*=1', 'a/b'), 'a/b'), undefined);
  t.is(winner(lines('a/b=1', 'a/b'), 'a/b'), undefined);
  t.is(winner(lines('a/b', 'a/b=1'), 'a/b'), '2');
  t.is(winner(lines('a/*=1', 'a/b*'), 'a/bc'), '1', 'a glob excludes nothing');
  t.is(winner(lines('a/{b,c}*=1'), 'a/cd'), '1');
  t.is(winner([], 'a/b'), undefined);
});

test('globs as glob(7)', (t) => {
  const matches = (glob: string, text: string): boolean => globPattern(glob).test(text);
  t.true(matches('a/*/c', 'a/b.c/c') && !matches('a/*/c', 'a/b/b/c') && !matches('a/*', 'a/.b'));
  t.true(matches('a?c', 'abc') && !matches('a?c', 'a/c'));
  t.true(matches('[a-c]x', 'bx') && !matches('[!a-c]x', 'bx') && matches('[!a-c]x', 'dx') && matches('[]]', ']'));
  t.true(matches('a[b', 'a[b') && matches('a.b', 'a.b') && !matches('a.b', 'axb') && matches('(a)+', '(a)+'));
  t.deepEqual([...new Set(expandBraces('a{b,c{d,e}}f'))].toSorted(), ['abf', 'acdf', 'acef']);
});

test('keys that are none never reach the shell', (t) => {
  const script = sysctls.script({sysctls: ['../../etc/shadow', "a'; touch /tmp/x; '", '-r', 'net/./x', '/etc/passwd']});
  t.false(/shadow|touch|passwd|\.\/x/.test(script));
});
