import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, ROOT} from '../../support/cli.ts';

test('--version is the one of package.json', async (t) => {
  const {version} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {version: string};
  const {status, stdout} = await linerate(['--version']);
  t.is(status, 0);
  t.is(stdout, `${version}\n`);
});

test('--version loads no command, no inventory code, no sheet', (t) => {
  const run = spawnSync(
    'strace',
    ['-f', '-e', 'trace=openat', process.execPath, path.join(ROOT, 'engine/cli/main.ts'), '--version'],
    {
      encoding: 'utf8',
    },
  );
  t.is(run.status, 0, run.stderr);
  t.false(
    /engine\/(inventory|plan|effects|catalogue|actions)\/|templates\/|node_modules\/(yaml|handlebars|valibot)\//.test(
      run.stderr,
    ),
  );
  t.true(run.stderr.includes('engine/cli/run.ts'));
});

for (const [words, sentence] of [
  [['--frobnicate'], "error: unknown option '--frobnicate'"],
  [['frobnicate'], "error: unknown command 'frobnicate'"],
  [['diff', '--json', '--ndjson'], "error: option '--json' cannot be used with option '--ndjson'"],
  [
    ['diff', '-f', '0'],
    "error: option '-f, --forks <n>' argument '0' is invalid. It must be a whole number from 1 up.",
  ],
  [['diff', '-w', 'fast'], 'error: --workload'],
  [['diff', '-i', '/nonexistent/hosts'], 'error: /nonexistent/hosts:'],
  [['diff', '-i', 'a,b,', '-l', 'c'], 'error: no host is chosen by --limit c'],
  [['diff', '--recording', '/nonexistent.rec'], 'error: the recording /nonexistent.rec cannot be read: no such file'],
  [['explain', 'frobnicate'], 'error: "frobnicate" is no address of a setting'],
  [['diff', '-e', 'linerate_wrkload=latency'], 'error: '],
] as const)
  test(`${words.join(' ')}: one clear sentence, exit code 1, nothing on standard output`, async (t) => {
    const {status, stdout, stderr} = await linerate(words);
    t.is(status, 1);
    t.true(stderr.startsWith(sentence), stderr);
    t.false(/\n\s+at .*:\d+:\d+/.test(stderr), 'no stack trace');
    t.is(stdout.replace(/^[\s\S]*RECAP[\s\S]*$/, ''), '');
  });

test('a reader that closes early ends it quietly', (t) => {
  const run = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" "${path.join(ROOT, 'engine/cli/main.ts')}" diff -vv | head -1`],
    {encoding: 'utf8'},
  );
  t.is(run.stderr, '');
  t.regex(run.stdout, /^localhost/);
});

test('Ctrl-C ends it with 130 and one sentence', async (t) => {
  const {status, stderr} = await linerate(
    [
      'diff',
      '-i',
      '127.0.0.1,',
      '-e',
      'ansible_port=1 ansible_connection=ssh',
      '--ssh-common-args',
      '-o ProxyCommand="sleep 30"',
    ],
    {
      started: (kill) => setTimeout(() => kill('SIGINT'), 1500),
    },
  );
  t.is(status, 130, stderr);
  t.regex(stderr, /interrupted/);
});

test('explain tells what, why, who says so and what it costs', async (t) => {
  const {status, stdout} = await linerate(['explain', 'sysctl', 'net.core.somaxconn']);
  t.is(status, 0);
  for (const word of ['what', 'default', 'source', 'now', 'next boot', 'connections'])
    t.true(stdout.includes(word), word);
});

// Every mount is made read-only, /proc and /sys too, before linerate starts; a mount that stayed writable ends it with 9.
const READ_ONLY = `
while read -r _ place _; do mount -o remount,bind,ro "$place" 2>/dev/null; done </proc/self/mounts
for place in / /tmp /run /var/tmp /root; do touch "$place/x" 2>/dev/null && exit 9; done
{ echo 4096 >/proc/sys/net/core/somaxconn; } 2>/dev/null && exit 9
exec "$@"`;

test('a dry run writes nothing: it works on a machine that is mounted read-only', (t) => {
  const run = spawnSync(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      READ_ONLY,
      'sh',
      process.execPath,
      path.join(ROOT, 'engine/cli/main.ts'),
      'diff',
    ],
    {encoding: 'utf8'},
  );
  t.is(run.status, 0, run.stderr);
  t.regex(run.stdout, /^localhost/);
});
