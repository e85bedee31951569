import {existsSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder} from '../../support/cli.ts';

const folder = temporaryFolder();
const store = path.join(folder, 'store');

const config = (name: string, lines: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, `#\n# Automatically generated file; DO NOT EDIT.\n#\n${lines}`);
  return file;
};

test('two configurations differ by their menus; what is off in both by different ways does not count', async (t) => {
  const before = config(
    'before',
    '#\n# Timers subsystem\n#\nCONFIG_HZ=250\nCONFIG_HZ_250=y\n# CONFIG_GONE is not set\n',
  );
  const after = config(
    'after',
    '#\n# Timers subsystem\n#\nCONFIG_HZ=1000\n\n#\n# Preemption\n#\nCONFIG_PREEMPT_RT=y\n',
  );
  const told = await linerate(['kernel', 'config-diff', before, after, '--store', store]);
  t.is(told.status, 0, told.stderr);
  t.is(
    told.stdout,
    'Timers subsystem\n  HZ: 250 → 1000\n  HZ_250: y → not there\n\nPreemption\n  PREEMPT_RT: not there → y\n',
  );
  const json = await linerate(['kernel', 'config-diff', before, after, '--store', store, '--json']);
  t.deepEqual(
    (JSON.parse(json.stdout) as {heading: string}[]).map(({heading}) => heading),
    ['Timers subsystem', 'Preemption'],
  );
  t.is((await linerate(['kernel', 'config-diff', before, before, '--store', store])).stdout, 'they hold the same\n');
});

test('shipped kernels can be compared without a build', async (t) => {
  const {status, stdout} = await linerate([
    'kernel',
    'config-diff',
    'kernels/lab-6.1',
    'kernels/rt-6.1',
    '--store',
    store,
  ]);
  t.is(status, 0);
  t.regex(stdout, /^ {2}PREEMPT_RT: (?:n|not there) → y$/m);
  t.regex(stdout, /^ {2}LOCALVERSION: "-lab" → "-linerate"$/m);
});

test('a kernel that is not there is told with the one that was meant, and nothing is made', async (t) => {
  for (const words of [['patches'], ['config'], ['config-diff', 'kernels/lab-6.1']]) {
    const {status, stderr} = await linerate(['kernel', ...words, 'kernels/rt-6', '--store', store]);
    t.is(status, 1, stderr);
    t.regex(stderr, /there is no kernel kernels\/rt-6\n.*did you mean "kernels\/rt-6\.1"\?/);
  }
  t.false(existsSync(path.join(store, 'stages')));
});

test("Fastsocket's kernel says how old it is, and what it lacks before anything is started", async (t) => {
  const {status, stderr} = await linerate(['build', 'kernels/fastsocket-2.6.32', '--store', store, '--offline']);
  t.is(status, 1);
  t.regex(stderr, /^warning: kernels\/fastsocket-2\.6\.32: 2\.6\.32 has had no security fixes since 2020/m);
  t.regex(stderr, /^error: .*(?:is not pinned|centos-6)/m);
  t.notRegex(stderr, /started/);
});
