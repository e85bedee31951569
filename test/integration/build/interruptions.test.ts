import {execFileSync} from 'node:child_process';
import {chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, symlinkSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {build, buildProgram, scratchFolder, stage, states} from '../../support/builds.ts';

/** Whether a program with this argument runs anywhere on the machine, namespaces included. */
const runs = (argument: string): boolean =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
      } catch {
        return false;
      }
    });

const gone = async (argument: string): Promise<boolean> => {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (!runs(argument)) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  return false;
};

/** A stage that leaves half of its output, and programs in sessions of their own, until it is let through by its second try. */
const endless = (seconds: string): string => `
  echo half >$OUT/half
  setsid sleep ${seconds} >/dev/null 2>&1 &
  sleep ${seconds} &
  echo under way
  sleep ${seconds}`;

const secondsOf = (number: number): string => `${String(90_000 + number)}.${String(process.pid)}`;

for (const [number, signal] of (['SIGKILL', 'SIGTERM'] as const).entries())
  test(`${signal} in the middle of a stage leaves no program and nothing half-made; the next run goes on`, async (t) => {
    const folder = path.join(scratchFolder(), 'store');
    const seconds = secondsOf(number);
    const before = stage('a before', 'touch $OUT/x');
    const program = buildProgram([before, stage('a long', endless(seconds), {inputs: {before: 'a before'}})], folder);
    await program.until('under way');
    t.true(runs(seconds));
    program.child.kill(signal);
    await program.ended;
    t.true(await gone(seconds), 'programs of the stage went on');

    const store = openStore(folder);
    t.deepEqual(
      (await store.list()).map(({record}) => record.name),
      ['a before'],
    );
    const next = await build(
      [before, stage('a long', 'echo whole >$OUT/whole', {inputs: {before: 'a before'}})],
      store,
    );
    t.is(states(next), 'a before found, a long built');
    t.deepEqual(readdirSync(path.join(folder, 'drafts')), []);
  });

test('an interrupted build has ended all of its programs when it settles', async (t) => {
  const seconds = secondsOf(10);
  const abort = new AbortController();
  const store = openStore(path.join(scratchFolder(), 'store'));
  const reason = new Fault({code: 'interrupted', owner: 'user', message: 'interrupted by a test'});
  const error = await t.throwsAsync(
    build([stage('b long', endless(seconds))], store, {
      signal: abort.signal,
      onEvent(event) {
        if (event.event === 'line' && event.line === 'under way') abort.abort(reason);
      },
    }),
  );
  t.is(error, reason);
  t.false(runs(seconds));
  t.deepEqual(readdirSync(path.join(store.folder, 'drafts')), []);
});

test('what two builds want at once is made once, and the other one waits for it', async (t) => {
  const folder = path.join(scratchFolder(), 'store');
  const stages = [stage('c slow', 'sleep 1; cat /proc/sys/kernel/random/uuid >$OUT/uuid')];
  const builds = await Promise.all([build(stages, openStore(folder)), build(stages, openStore(folder))]);
  t.is(builds.flatMap(({events}) => events.filter(({event}) => event === 'started')).length, 1);
  t.is(builds.flatMap(({events}) => events.filter(({event}) => event === 'waiting')).length, 1);
  t.deepEqual(
    builds.map((built) => states(built)),
    ['c slow built', 'c slow built'],
  );
  t.is(...(builds.map(({report}) => outputOf(report, 'c slow').folder) as [string, string]));
});

test('the one that waits takes over when the other one is killed', async (t) => {
  const folder = path.join(scratchFolder(), 'store');
  const seconds = secondsOf(20);
  const stages = [stage('d slow', endless(seconds))];
  const first = buildProgram(stages, folder);
  await first.until('under way');
  const second = buildProgram(stages, folder);
  await second.until('"waiting"');
  first.child.kill('SIGKILL');
  await second.until('under way');
  second.child.kill('SIGKILL');
  await second.ended;
  t.true(await gone(seconds));
  t.deepEqual(await openStore(folder).list(), []);
});

test('one that waits can be interrupted', async (t) => {
  const folder = path.join(scratchFolder(), 'store');
  const stages = [stage('e slow', 'echo under way; sleep 20; touch $OUT/x')];
  const first = buildProgram(stages, folder);
  await first.until('under way');
  const abort = new AbortController();
  const reason = new Fault({code: 'interrupted', owner: 'user', message: 'interrupted by a test'});
  const waiting = build(stages, openStore(folder), {
    signal: abort.signal,
    onEvent({event}) {
      if (event === 'waiting') abort.abort(reason);
    },
  });
  t.is(await t.throwsAsync(waiting), reason);
  first.child.kill('SIGKILL');
  await first.ended;
});

test('nothing is collected while a build goes on', async (t) => {
  const store = openStore(path.join(scratchFolder(), 'store'));
  const release = await store.hold();
  await t.throwsAsync(store.collect(0), {message: /a build is using the store/});
  await release();
  t.deepEqual(await store.collect(0), {removed: 0, bytes: 0});
});

test('a full disk is told as such, with what is free, and leaves nothing', async (t) => {
  const folder = scratchFolder();
  const stages = [
    stage('f small', 'echo x >$OUT/x'),
    stage('f large', 'head -c 40000000 /dev/zero >$OUT/large', {inputs: {small: 'f small'}}),
    stage('f aside', 'echo y >$OUT/y'),
  ];
  const script = `mount -t tmpfs -o size=4m small ${folder} && "$@"; status=$?; ls ${folder}/store/drafts; exit $status`;
  const under = ['unshare', '--mount', 'sh', '-c', script, 'sh'];
  const program = buildProgram(stages, path.join(folder, 'store'), under);
  t.is(await program.ended, 3);
  const said = program.lines.join('');
  t.regex(
    said,
    /"code":"store-full","message":"the disk of the store \S+ is full: [\d.]+ MiB are free; the stage had written [\d.]+ MiB/,
  );
  t.regex(said, /"event":"built","stage":"f small"/);
  t.is(said.trim().split('\n').at(-1)?.includes('{'), true, 'a draft was left');
});

test('a store that cannot be written to is told as such, and does for what it holds', async (t) => {
  const folder = scratchFolder();
  const store = path.join(folder, 'store');
  const there = [stage('g there', 'touch $OUT/x')];
  await build(there, openStore(store));
  const under = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    `mount --bind ${store} ${store} && mount -o remount,bind,ro ${store} && exec "$@"`,
    'sh',
  ];
  const found = buildProgram(there, store, under);
  t.is(await found.ended, 0, found.lines.join(''));
  const wanted = buildProgram([stage('g new', 'touch $OUT/y')], store, under);
  t.is(await wanted.ended, 3);
  t.regex(wanted.lines.join(''), /"code":"store-unwritable","message":"(?:the store )?\S+ cannot be /);
});

const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

test('without root stages run in namespaces of the user', async (t) => {
  const folder = scratchFolder();
  chmodSync(folder, 0o755);
  mkdirSync(path.join(folder, 'store'));
  chownSync(path.join(folder, 'store'), 65_534, 65_534);
  const stages = [
    stage('h one', 'pwd >$OUT/pwd; id -u >$OUT/user; mkdir $OUT/folder; touch $OUT/folder/x'),
    stage('h two', '! (echo x >$IN/one/pwd) 2>/dev/null; cp $IN/one/pwd $IN/one/user $OUT/', {inputs: {one: 'h one'}}),
  ];
  const store = path.join(folder, 'store');
  const program = buildProgram(stages, store, NOBODY);
  t.is(await program.ended, 0, program.lines.join(''));
  t.notRegex(program.lines.join(''), /"warning"/);
  const outputs = await openStore(store).list();
  const two = outputs.find(({record}) => record.name === 'h two')?.folder ?? '';
  t.is(
    readFileSync(path.join(two, 'pwd'), 'utf8') + readFileSync(path.join(two, 'user'), 'utf8'),
    '/linerate/work\n0\n',
  );
  const collect = `import {openStore} from ${JSON.stringify(path.resolve('engine/effects/store/open-store.ts'))};
    const {removed} = await openStore(${JSON.stringify(store)}).collect(-1); console.log('removed', removed);`;
  const words = [...NOBODY, process.execPath, '--input-type=module-typescript', '-e', collect];
  t.is(execFileSync('/usr/bin/env', words, {encoding: 'utf8', cwd: folder}), 'removed 2\n');
});

/** All programs of this machine but `unshare`. */
const withoutNamespaces = (): readonly string[] => {
  const folder = scratchFolder();
  for (const name of readdirSync('/usr/bin'))
    if (name !== 'unshare') symlinkSync(path.join('/usr/bin', name), path.join(folder, name));
  return ['env', `PATH=${folder}`];
};

test('where there are no namespaces stages run in plain folders, with a warning, and end all the same', async (t) => {
  const folder = path.join(scratchFolder(), 'store');
  const seconds = secondsOf(30);
  const one = stage('i one', 'echo one >$OUT/file');
  const plain = withoutNamespaces();
  const two = (script: string) => stage('i two', script, {inputs: {one: 'i one'}, files: {'a/b': 'two\n'}});
  const whole = buildProgram([one, two('cat $IN/one/file $FILES/a/b >$OUT/both')], folder, plain);
  t.is(await whole.ended, 0, whole.lines.join(''));
  t.regex(whole.lines.join(''), /"warning":"stages run in plain folders/);
  const both = (await openStore(folder).list()).find(({record}) => record.name === 'i two')?.folder ?? '';
  t.is(readFileSync(path.join(both, 'both'), 'utf8'), 'one\ntwo\n');

  const endlessly = buildProgram([one, two(`sleep ${seconds} & echo under way; sleep ${seconds}`)], folder, plain);
  await endlessly.until('under way');
  t.true(runs(seconds));
  endlessly.child.kill('SIGKILL');
  t.true(await gone(seconds));
});
