import {spawnSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import type {Fact} from '../../../engine/facts/fact.ts';
import {type Frames, parseFrames} from '../../../engine/facts/frames.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {type NamespaceProbe, probeInNamespace} from '../../support/namespace-probe.ts';

const SHELLS = ['dash', 'bash --posix', 'busybox sh'];

/** The three shells with GNU's tools, and busybox with its own. */
const HOSTS = [
  ...SHELLS.map((shell) => ({name: shell, shell, prepare: ''})),
  {
    name: 'busybox alone',
    shell: 'busybox sh',
    prepare: 'mkdir /mnt/bin; busybox --install -s /mnt/bin',
    path: '/mnt/bin',
  },
];

const ask = (script: string, options: NamespaceProbe): Frames => {
  const fact: Fact<undefined> = {name: 'asked', script: () => script, parse: () => undefined};
  return probeInNamespace([fact], options);
};

const PREPARE = `cd /mnt
mkdir -p etc/deep empty 'with blank'
printf 'one\\ntwo\\n' >etc/two
printf 'no newline' >etc/open
printf '\\n\\n  blank \\\\t lines\\n\\n' >etc/blank
: >etc/nothing
printf 'a\\n' >'etc/with blank.conf'
printf '# no\\nkey=1\\nsecret=2\\nkey=3\\n' >etc/deep/some.conf
ln -s /nowhere etc/dangling
ln -s deep etc/folder
cd /
`;

for (const {name, prepare, ...host} of HOSTS) {
  test(`every function of the probe, in ${name}`, (t) => {
    const script = `f /etc/two /etc/open /etc/blank /etc/nothing /etc/none /etc/deep
b /etc/two /etc/open '/etc/with blank.conf' /etc/blank
g /etc two 'deep/*.conf' none '*blank.conf'
g /none two
w '^key=' '/etc/deep/*.conf' '/etc/none*' /etc/dangling
e there '/etc/d*' /etc/none '/etc/*.conf'
l /etc/folder /etc/none
n /etc/deep /none
n /empty
say said 'a  b'
x uname uname
has uname && say has yes
echo "$PATH" >/dev/null`;
    const found = ask(script, {...host, prepare: `${prepare}\n${PREPARE}`, root: '/mnt'});
    t.true(found.complete);
    t.is(found.files.get('/etc/two'), 'one\ntwo');
    t.is(found.files.get('/etc/open'), 'no newline');
    t.is(found.files.get('/etc/blank'), '\n\n  blank \\t lines\n');
    t.is(found.files.get('/etc/nothing'), '');
    t.is(found.files.get('/etc/with blank.conf'), 'a');
    t.is(found.files.get('/etc/deep/some.conf'), '\nkey=1\n\nkey=3');
    t.true(found.absent.has('/etc/none') && found.absent.has('/none'));
    t.true(found.refused.has('/etc/deep'));
    t.deepEqual(found.lists.get('there'), ['/etc/dangling', '/etc/deep', '/etc/with blank.conf']);
    t.is(found.links.get('/etc/folder'), '/etc/deep');
    t.deepEqual(found.lists.get('/etc/deep'), ['some.conf']);
    t.deepEqual(found.lists.get('/empty'), []);
    t.deepEqual(found.runs.get('said'), {status: 0, output: 'a  b'});
    t.is(found.runs.get('uname')?.status, 127, 'no command of this machine runs for an image');
    t.false(found.runs.has('has'));
  });

  test(`links of an image lead where they would on its own machine, in ${name}`, (t) => {
    const outside = "mkdir -p /tmp/outside; printf 'HUSH\\nkey=HUSH\\n' >/tmp/outside/file";
    const links = `mount -t tmpfs none /tmp; ${outside}; cd /mnt; mkdir -p etc/conf.d real
printf 'ours\\n' >real/file; printf 'key=ours\\nno\\n' >etc/key
ln -s /real/file etc/absolute; ln -s /tmp/outside/file etc/out; ln -s ../../tmp/outside/file etc/up
ln -s /tmp/outside etc/folder; ln -s ../../../../real etc/clamped; ln -s loop etc/loop
ln -s ../key etc/conf.d/relative.conf; ln -s /etc/key etc/conf.d/absolute.conf; ln -s /tmp/outside/file etc/conf.d/out.conf`;
    const script = `f /etc/absolute /etc/out /etc/loop
b /etc/up /etc/clamped/file /etc/folder/file
g /etc absolute out conf.d/absolute.conf folder/file
w '^key=' '/etc/conf.d/*.conf'
e there '/etc/conf.d/*.conf' '/etc/folder/file'
l /etc/clamped /etc/folder
n /etc/folder /etc/clamped`;
    const found = ask(script, {...host, prepare: `${prepare}\n${links}\ncd /`, root: '/mnt'});
    t.notRegex(JSON.stringify([...found.files, ...found.lists, ...found.runs]), /HUSH/);
    t.deepEqual(Object.fromEntries(found.files), {
      '/etc/absolute': 'ours',
      '/etc/clamped/file': 'ours',
      '/etc/key': 'key=ours',
      '/etc/conf.d/relative.conf': 'key=ours',
      '/etc/conf.d/absolute.conf': found.files.get('/etc/conf.d/absolute.conf') ?? '',
    });
    t.regex(found.files.get('/etc/conf.d/absolute.conf') ?? '', /^key=ours/);
    for (const path of ['/etc/out', '/etc/loop', '/etc/up', '/etc/folder/file']) t.true(found.absent.has(path), path);
    t.deepEqual(found.lists.get('there'), [
      '/etc/conf.d/absolute.conf',
      '/etc/conf.d/out.conf',
      '/etc/conf.d/relative.conf',
    ]);
    t.deepEqual([found.links.get('/etc/clamped'), found.links.get('/etc/folder')], ['/real', undefined]);
    t.deepEqual([found.lists.get('/etc/clamped'), found.lists.get('/etc/folder')], [['file'], undefined]);
  });

  test(`of scripts only the words that match, in ${name}`, (t) => {
    const lines = String.raw`x=HUSH
curl HUSH && tool -a 1; tool -b 2 # tool -c

tool -d HUSH
`;
    const found = ask("o '^#|[[:space:]]#|tool -[a-z]( [0-9])?' /script", {
      ...host,
      prepare: `${prepare}\nprintf '${lines}' >/mnt/script`,
      root: '/mnt',
    });
    t.is(found.files.get('/script'), '\ntool -a 1; tool -b 2;  #; tool -c\n\ntool -d');
  });

  test(`on the running system, in ${name}`, (t) => {
    const script = `g /proc/sys net/ipv4/tcp_rmem net/ipv4/route/flush net/ipv4/none
b /proc/sys/net/ipv4/tcp_wmem
f /proc/sys/net/ipv4/tcp_fin_timeout
x good sh -c 'echo out; echo err >&2; exit 3'
x none no-such-command`;
    const found = ask(script, {...host, prepare});
    t.regex(found.files.get('/proc/sys/net/ipv4/tcp_rmem') ?? '', /^\d+\t\d+\t\d+$/);
    t.regex(found.files.get('/proc/sys/net/ipv4/tcp_wmem') ?? '', /^\d+\t\d+\t\d+$/);
    t.regex(found.files.get('/proc/sys/net/ipv4/tcp_fin_timeout') ?? '', /^\d\d+$/, 'and not its first digit');
    t.is(found.refused.get('/proc/sys/net/ipv4/route/flush'), 'Permission denied');
    t.true(found.absent.has('/proc/sys/net/ipv4/none'));
    t.deepEqual(found.runs.get('good'), {status: 3, output: 'out\nerr'});
    t.is(found.runs.get('none')?.status, 127);
  });
}

test('any text comes back as it is, by f and by b', (t) => {
  const line = fc.string({unit: fc.constantFrom('a', ' ', '\t', '\\', '"', "'", '$', '`', '*', ':', '%s', '-n', 'ü')});
  fc.assert(
    fc.property(fc.array(line, {minLength: 1, maxLength: 5}), fc.constantFrom(...SHELLS), (lines, shell) => {
      const text = lines.join('\n');
      const prepare = `printf %s ${shellQuote(`${text}\n`)} >/mnt/by-f; cp /mnt/by-f /mnt/by-b`;
      const found = ask('f /by-f\nb /by-b', {shell, prepare, root: '/mnt'});
      t.is(found.files.get('/by-f'), text);
      t.is(found.files.get('/by-b'), text);
    }),
    {numRuns: 25},
  );
});

test('a stream that is cut off runs nothing', (t) => {
  const script = probeScript(['say ran yes'], {token: 'TK', root: ''});
  t.true(parseFrames(spawnSync('sh', [], {input: script, encoding: 'utf8'}).stdout, 'TK').complete);
  for (let length = script.length - 2; length > 0; length -= 97) {
    t.is(spawnSync('sh', [], {input: script.slice(0, length), encoding: 'utf8'}).stdout, '');
  }
});

for (const host of HOSTS)
  test(`${host.name}: a file that several facts ask for is told whole, and once`, (t) => {
    const twice = 'g /mnt two\ng /mnt/etc two open\ng /mnt/etc open\ng /mnt/nowhere two';
    const {files, absent} = ask(`cd /mnt; ${PREPARE}\n${twice}`, host);
    t.is(files.get('/mnt/etc/two'), 'one\ntwo');
    t.is(files.get('/mnt/etc/open'), 'no newline');
    t.true(absent.has('/mnt/two'));
    t.true(absent.has('/mnt/nowhere'));
  });

test('more files than one program takes as its arguments are read by several', (t) => {
  // Two groups of 800 names of 1.6 kB: each has room in 2 MiB (an eighth of which is for pointers and what is exported).
  const {files} = ask(
    `long=.; i=0
    while [ "$i" -lt 800 ]; do long=$long/.; i=$((i + 1)); done
    some=; i=0
    while [ "$i" -lt 800 ]; do some="$some $long/one"; i=$((i + 1)); done
    g /mnt "$some"
    some=; i=0
    while [ "$i" -lt 800 ]; do some="$some $long/other"; i=$((i + 1)); done
    g /mnt "$some"`,
    {prepare: 'echo 1 >/mnt/one; echo 2 >/mnt/other; cd /'},
  );
  const textOf = (name: string): string | undefined => [...files].find(([path]) => path.endsWith(`/./${name}`))?.[1];
  t.is(textOf('one')?.split('\n')[0], '1');
  t.is(textOf('other')?.split('\n')[0], '2');
});
