import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import {openBuilders} from '../../../engine/effects/builders/open-builders.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import {Fault, Faults} from '../../../engine/model/fault.ts';
import type {BuilderDefinition} from '../../../engine/stages/builder.ts';
import {build, scratchFolder, stage, states, type Built} from '../../support/builds.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt} from '../../support/lab/runs.ts';

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: 1});
});
test.after.always(async () => lab.stop());

const there = (system: string) => {
  const definition: BuilderDefinition = {kind: 'ssh', summary: 'a machine of the lab', system};
  return openBuilders({
    cache: path.join(scratchFolder(), 'cache'),
    ccache: false,
    definitions: {there: definition},
    machines: {there: hostAt(lab, 0).target},
  });
};

const made = (built: Built, name: string, file: string): string =>
  readFileSync(path.join(outputOf(built.report, name).folder, file), 'utf8');

test.serial('a stage runs there as it runs here: inputs go, outputs come back, nothing stays', async (t) => {
  const builder = there('Debian');
  const stages = [
    stage('a here', 'mkdir $OUT/sub; echo here >$OUT/sub/file; ln -s file $OUT/sub/link; chmod 755 $OUT/sub/file'),
    stage(
      'a there',
      String.raw`cp -a $IN/here/. $OUT/; env >$OUT/env; pwd >$OUT/pwd; cat $FILES/own/text >$OUT/own; echo "$(printenv SSH_CONNECTION USER)" >$OUT/leak
       ! (echo x >$IN/here/sub/file) 2>/dev/null`,
      {
        inputs: {here: 'a here'},
        files: {'own/text': "it's\n"},
        builder: 'there',
        tools: ['tar', 'sh'],
        environment: {OWN: "a 'b'"},
      },
    ),
    stage('a back', 'cp $IN/there/sub/link $OUT/', {inputs: {there: 'a there'}}),
  ];
  const store = openStore(path.join(scratchFolder(), 'store'));
  const built = await build(stages, store, {builder});
  t.is(states(built), 'a here built, a there built, a back built');
  t.is(made(built, 'a back', 'link'), 'here\n');
  t.is(made(built, 'a there', 'own'), "it's\n");
  t.is(made(built, 'a there', 'pwd'), '/linerate/work\n');
  t.is(made(built, 'a there', 'leak'), '\n');
  t.true(made(built, 'a there', 'env').includes("OWN=a 'b'\n"));
  const {record} = outputOf(built.report, 'a there');
  t.regex(record.builder, /^ssh 1, Debian GNU\/Linux \d+ .*, x86_64$/);
  t.regex(record.tools['tar'] ?? '', /^tar \(GNU tar\) /);
  t.regex(record.tools['sh'] ?? '', /^sha256:[0-9a-f]{64}$/);
  t.false(existsSync(path.join(homedir(), '.linerate-build')));
  t.is(states(await build(stages, store, {builder})), 'a here found, a there found, a back found');
});

test.serial('a failure there is told with its last line', async (t) => {
  const built = await build([stage('b', 'echo almost; echo wrong >&2; exit 7', {builder: 'there'})], undefined, {
    builder: there('Debian'),
  });
  t.is(states(built), 'b failed');
  const [failed] = built.report.stages;
  t.is(failed?.state === 'failed' && failed.faults[0]?.message, 'the stage "b" ended with status 7: wrong');
});

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

test.serial('interrupting ends what runs there before it settles', async (t) => {
  const seconds = `80000.${String(process.pid)}`;
  const abort = new AbortController();
  const reason = new Fault({code: 'interrupted', owner: 'user', message: 'interrupted by a test'});
  const script = `setsid sleep ${seconds} & sleep ${seconds} & echo under way; sleep ${seconds}`;
  const error = await t.throwsAsync(
    build([stage('c', script, {builder: 'there'})], undefined, {
      builder: there('Debian'),
      signal: abort.signal,
      onEvent(event) {
        if (event.event !== 'line' || event.line !== 'under way') return;
        t.true(runs(seconds));
        abort.abort(reason);
      },
    }),
  );
  t.is(error, reason);
  t.false(runs(seconds));
  t.false(existsSync(path.join(homedir(), '.linerate-build')));
});

test.serial(
  'another system than the builder is, and programs that are missing there, are told before anything starts',
  async (t) => {
    const one = stage('d', 'touch $OUT/x', {builder: 'there', tools: ['no-such-1', 'sh', 'no-such-2']});
    await t.throwsAsync(build([one], undefined, {builder: there('CentOS release 6')}), {
      message: /says that it is "Debian GNU\/Linux .*", but the builder there is "CentOS release 6"/,
    });
    const error = await t.throwsAsync(build([one], undefined, {builder: there('Debian')}), {instanceOf: Faults});
    t.deepEqual(
      error?.errors.map(({message}) => message.replace(/^\S+ /, '')),
      ['has no no-such-1', 'has no no-such-2'],
    );
  },
);

test.serial('a builder without an address, or one that is not reached, is told before anything starts', async (t) => {
  const definitions = {far: {kind: 'ssh', summary: 'far away', system: 'x'}} as const;
  const one = stage('e', 'touch $OUT/x', {builder: 'far'});
  const options = {cache: scratchFolder(), ccache: false, definitions};
  await t.throwsAsync(build([one], undefined, {builder: openBuilders(options)}), {
    message: /none was named \(far away\)/,
  });
  const {target} = hostAt(lab, 0);
  const nowhere = openBuilders({...options, machines: {far: {...target, port: 1}}});
  await t.throwsAsync(build([one], undefined, {builder: nowhere}), {instanceOf: Fault});
});

test.serial('two builds there come one after the other', async (t) => {
  const stages = (name: string) => [stage(name, `sleep 1; echo ${name} >$OUT/x`, {builder: 'there'})];
  const built = await Promise.all(
    ['f one', 'f two'].map(async (name) => build(stages(name), undefined, {builder: there('Debian')})),
  );
  t.deepEqual(
    built.map((one) => states(one)),
    ['f one built', 'f two built'],
    JSON.stringify(built.map(({events}) => events)),
  );
  t.is(
    built.flatMap(({events}) =>
      events.filter((event) => event.event === 'line' && event.line.includes('builds something else')),
    ).length,
    1,
  );
});
