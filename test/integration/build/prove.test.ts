import {readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {buildTwice} from '../../../engine/actions/build-prove.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import type {Stage} from '../../../engine/stages/stage.ts';
import {scratchFolder, stage} from '../../support/builds.ts';

const prove = async (stages: readonly Stage[], targets: readonly string[]) => {
  const folder = scratchFolder();
  const store = openStore(path.join(folder, 'store'));
  let proved = false;
  const work = buildTwice(stages, {
    store,
    sources: {locked: {}, fetch: async () => Promise.reject(new Error('there are no sources'))},
    signal: new AbortController().signal,
    targets,
    cache: path.join(folder, 'cache'),
    onProved: async () => {
      proved = true;
      return Promise.resolve();
    },
  });
  const outcome = await work.then(
    ({stages: made}) => made.map(({name, state}) => `${name} ${state}`).join(', '),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return {outcome, proved, left: readdirSync(path.join(store.folder, 'drafts'))};
};

test('a stage that makes the same bytes each time is proved', async (t) => {
  const stages = [stage('a one', 'echo same >$OUT/x'), stage('a two', 'cp $IN/one/x $OUT/y', {inputs: {one: 'a one'}})];
  t.deepEqual(await prove(stages, ['a two']), {outcome: 'a one built, a two built', proved: true, left: []});
});

const LEAKS: Readonly<Record<string, [script: string, told: RegExp]>> = {
  'a time': ['date +%s >$OUT/x', /two builds of the stage "b" differ in x: byte \d+ \(of 11, then 11\)/],
  'a path': ['pwd >$OUT/x', /differ in x: byte 10 \(of 15, then 31\)/],
  'a name': [
    'touch $OUT/$(cat /proc/sys/kernel/random/uuid)',
    /differ in \S+: only the (?:first|second) build made it/,
  ],
};

for (const [what, [script, told]] of Object.entries(LEAKS))
  test(`${what} in an output is found`, async (t) => {
    const {outcome, proved, left} = await prove([stage('b', script)], ['b']);
    t.regex(outcome, told);
    t.false(proved);
    t.deepEqual(left, []);
  });

test('the first stage on the way that differs is told, not the one that was asked for', async (t) => {
  const stages = [
    stage('c same', 'echo same >$OUT/x'),
    stage('c differs', 'cat $IN/same/x /proc/sys/kernel/random/uuid >$OUT/z', {inputs: {same: 'c same'}}),
    stage('c target', 'cp $IN/differs/z $OUT/', {inputs: {differs: 'c differs'}}),
  ];
  const {outcome} = await prove(stages, ['c target']);
  t.regex(outcome, /two builds of the stage "c differs" differ in z: byte 5/);
});

test('a build that fails proves nothing', async (t) => {
  const {outcome, proved} = await prove([stage('d', 'false')], ['d']);
  t.is(outcome, 'd failed');
  t.false(proved);
});
