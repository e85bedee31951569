import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import {Faults} from '../../../engine/model/fault.ts';
import {build, scratchFolder, stage, states, type Built} from '../../support/builds.ts';

const made = (built: Built, name: string, file: string): string =>
  readFileSync(path.join(outputOf(built.report, name).folder, file), 'utf8');

const faults = ({report}: Built): readonly string[] =>
  report.stages.flatMap((one) =>
    one.state === 'failed' ? one.faults.map(({code, message}) => `${code}: ${message}`) : [],
  );

test('what is unchanged is not made again, and what changed is made with all that is made from it', async (t) => {
  const store = openStore(path.join(scratchFolder(), 'store'));
  const three = (text: string) => [
    stage('a one', `echo ${text} >$OUT/text`),
    stage('a two', 'cp $IN/one/text $OUT/copy; cat $FILES/sub/own >>$OUT/copy', {
      inputs: {one: 'a one'},
      files: {'sub/own': 'own\n'},
    }),
    stage('a aside', 'touch $OUT/aside'),
  ];
  const first = await build(three('first'), store);
  t.is(states(first), 'a one built, a two built, a aside built');
  t.is(made(first, 'a two', 'copy'), 'first\nown\n');

  t.is(states(await build(three('first'), store)), 'a one found, a two found, a aside found');

  const changed = await build(three('second'), store);
  t.is(states(changed), 'a one built, a two built, a aside found');
  t.is(made(changed, 'a two', 'copy'), 'second\nown\n');
  t.deepEqual(
    changed.report.stages.map(({why}) => why),
    [['its script'], ['input one'], []],
  );

  // Back to what was there before: nothing is forgotten.
  t.is(states(await build(three('first'), store)), 'a one found, a two found, a aside found');
});

test('what only made something that is there is not made', async (t) => {
  const store = openStore(path.join(scratchFolder(), 'store'));
  const stages = [stage('b one', 'touch $OUT/x'), stage('b two', 'touch $OUT/y', {inputs: {one: 'b one'}})];
  const first = await build(stages, store);
  const one = outputOf(first.report, 'b one').id;
  execFileSync('rm', ['-rf', path.join(store.folder, 'stages', one)]);
  t.is(states(await build(stages, store, {targets: ['b two']})), 'b one unneeded, b two found');
  t.is(states(await build(stages, store)), 'b one built, b two found');
});

test('a script finds its folders at fixed paths, and no path of this machine', async (t) => {
  const built = await build([
    stage('c in', 'echo input >$OUT/file'),
    stage(
      'c env',
      'env >$OUT/env; pwd >$OUT/pwd; cat /proc/self/mountinfo >$OUT/mounts; ls -a >$OUT/work; hostname >$OUT/host',
      {
        inputs: {in: 'c in'},
        environment: {OWN: 'a b'},
      },
    ),
  ]);
  const environment = made(built, 'c env', 'env').split('\n');
  for (const line of [
    'IN=/linerate/in',
    'OUT=/linerate/out',
    'WORK=/linerate/work',
    'FILES=/linerate/files',
    'JOBS=1',
    'TZ=UTC',
    'LC_ALL=C.UTF-8',
    'OWN=a b',
    'SOURCE_DATE_EPOCH=315532800',
  ])
    t.true(environment.includes(line), line);
  t.is(made(built, 'c env', 'pwd'), '/linerate/work\n');
  t.is(made(built, 'c env', 'work'), '.\n..\n');
  t.is(made(built, 'c env', 'host'), 'linerate\n');
  t.false(made(built, 'c env', 'env').includes('linerate-build-'));
});

test('nothing but its own folders can be written to, inputs and the machine least of all', async (t) => {
  const script = `
    for place in $IN/one/file $IN/one/new $FILES/own /usr/new /etc/hostname /new /root/new /linerate/new; do
      ! (echo x >$place) 2>/dev/null || echo $place >>$OUT/wrote
    done
    echo x >$WORK/x; echo x >/tmp/x; echo x >/var/tmp/y; echo x >$HOME/x
    touch $OUT/end`;
  const built = await build([
    stage('d one', 'echo one >$OUT/file'),
    stage('d two', script, {inputs: {one: 'd one'}, files: {own: ''}}),
  ]);
  t.deepEqual(readdirSync(outputOf(built.report, 'd two').folder), ['end']);
  t.is(made(built, 'd one', 'file'), 'one\n');
  t.is(statSync(path.join(outputOf(built.report, 'd one').folder, 'file')).mode & 0o222, 0);
});

test('there is no network but a loopback of its own', async (t) => {
  const built = await build([stage('e net', 'cat /proc/net/dev >$OUT/dev; cat /proc/net/route >$OUT/route')]);
  const devices = made(built, 'e net', 'dev')
    .split('\n')
    .slice(2)
    .map((line) => line.split(':')[0]?.trim());
  t.deepEqual(devices, ['lo', '']);
  t.is(made(built, 'e net', 'route').trim().split('\n').length, 1);
});

test('a stage that fails is told with its last line, its log is kept, and the next run goes on from there', async (t) => {
  const store = openStore(path.join(scratchFolder(), 'store'));
  const stages = (script: string) => [
    stage('f first', 'touch $OUT/x'),
    stage('f second', script, {inputs: {first: 'f first'}}),
    stage('f third', 'touch $OUT/x', {inputs: {second: 'f second'}}),
    stage('f aside', 'touch $OUT/aside'),
  ];
  const failed = await build(stages('echo much; echo wrong >&2; false; echo never'), store);
  t.is(states(failed), 'f first built, f second failed, f third skipped, f aside skipped');
  t.deepEqual(faults(failed), ['stage-failed: the stage "f second" ended with status 1: wrong']);
  t.is(readFileSync(store.logOf('f second'), 'utf8'), 'much\nwrong\n');
  t.deepEqual(readdirSync(path.join(store.folder, 'drafts')), []);
  t.throws(() => outputOf(failed.report, 'f third'), {instanceOf: Faults, message: /ended with status 1/});

  const on = await build(stages('false'), store, {keepGoing: true});
  t.is(states(on), 'f first found, f second failed, f third skipped, f aside built');

  const mended = await build(stages('touch $OUT/x'), store);
  t.is(states(mended), 'f first found, f second built, f third built, f aside found');
});

test('a script that makes nothing, or uses a variable that is not there, has failed', async (t) => {
  const built = await build([stage('g nothing', 'true'), stage('g unset', 'echo $NOWHERE >$OUT/x')], undefined, {
    keepGoing: true,
  });
  t.is(states(built), 'g nothing failed, g unset failed');
  t.is(faults(built)[0], 'stage-failed: the stage "g nothing" made nothing');
  t.regex(faults(built)[1] ?? '', /NOWHERE: parameter not set/);
});

test('all missing programs are told at once, each with its package, before anything is made', async (t) => {
  const store = openStore(path.join(scratchFolder(), 'store'));
  const stages = [
    stage('h one', 'touch $OUT/x', {tools: ['sh', 'no-such-program-1', '/usr/include/no-such.h']}),
    stage('h two', 'touch $OUT/x', {tools: ['no-such-program-2']}),
  ];
  const error = await t.throwsAsync(build(stages, store), {instanceOf: Faults});
  t.deepEqual(
    error?.errors.map(({code, message}) => `${code}: ${message}`),
    [
      'missing-tool: the file /usr/include/no-such.h is missing',
      'missing-tool: the program no-such-program-1 is missing',
      'missing-tool: the program no-such-program-2 is missing',
    ],
  );
  t.is(await store.lastOf('h one'), undefined);
});

test("a program's version is part of what a stage is made from, and is asked anew when its file changes", async (t) => {
  const folder = scratchFolder();
  const store = openStore(path.join(folder, 'store'));
  const tool = path.join(folder, 'tool.h');
  writeFileSync(tool, 'one');
  const stages = [stage('i tool', 'touch $OUT/x', {tools: [tool, 'tar']})];
  const first = await build(stages, store);
  t.regex(outputOf(first.report, 'i tool').record.tools['tar'] ?? '', /^tar \(GNU tar\) \d/);
  t.is(states(await build(stages, store)), 'i tool found');
  writeFileSync(tool, 'three');
  const changed = await build(stages, store);
  t.is(states(changed), 'i tool built');
  t.regex(changed.report.stages[0]?.why.join() ?? '', /tool\.h was sha256:.*, is sha256:/);
});

test('sources that are not pinned are told before anything is made', async (t) => {
  const stages = [{...stage('j', 'touch $OUT/x'), inputs: {source: {source: 'kernels/none'}}}];
  await t.throwsAsync(build(stages), {message: /the source "kernels\/none" is not pinned/});
});

test('a pinned source is what a stage finds, and is fetched only for a stage that is made', async (t) => {
  const folder = scratchFolder();
  mkdirSync(path.join(folder, 'source'));
  writeFileSync(path.join(folder, 'source', 'file'), 'source\n');
  const locked = {
    request: {from: 'folder', path: 'x'},
    version: '1',
    files: [{name: 'file', sha256: 'a'.repeat(64), size: 7, urls: []}],
  } as const;
  const store = openStore(path.join(folder, 'store'));
  let fetched = 0;
  const sources = {
    locked: {one: locked},
    fetch: async () => {
      fetched++;
      return Promise.resolve(path.join(folder, 'source'));
    },
  };
  const stages = [{...stage('k', 'cp $IN/source/file $OUT/'), inputs: {source: {source: 'one'}}}];
  const built = await build(stages, store, {sources});
  t.is(made(built, 'k', 'file'), 'source\n');
  t.is(states(await build(stages, store, {sources})), 'k found');
  t.is(fetched, 1);
});
