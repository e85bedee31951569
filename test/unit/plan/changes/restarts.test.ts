import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Change} from '../../../../engine/model/change.ts';
import {changesOf} from '../../../../engine/plan/changes/changes.ts';
import {planHost} from '../../../../engine/plan/plan.ts';
import type {Wish} from '../../../../engine/plan/recipe/recipe.ts';
import {file} from '../../../../engine/plan/recipe/wish/file.ts';
import {running} from '../../../../engine/plan/recipe/wish/service.ts';
import {user} from '../../../../engine/plan/recipe/wish/user.ts';
import {parsePlanVariables} from '../../../../engine/plan/variables.ts';
import {exampleFacts} from '../../../support/facts.ts';
import {exampleSheets} from '../../../support/sheets.ts';

const unit = (state: string): string => `LoadState=loaded\nActiveState=${state}\nUnitFileState=enabled`;

const NOTHING_THERE = {
  'file /etc/nginx/a.conf': 'absent',
  'file /etc/nginx/b.conf': 'absent',
  'file /etc/systemd/system/nginx.service.d/a.conf': 'absent',
  'file /etc/systemd/system/nginx.service.d/b.conf': 'absent',
  'user www': 'absent',
};

const text = (path: string, details: Partial<Wish> = {}): Wish => ({
  ...file(path, {text: 'x\n', why: 'a test'}),
  ...details,
});

const changes = (wishes: readonly Wish[], asked: Facts['asked']): readonly Change[] => {
  const facts = exampleFacts({asked: {...NOTHING_THERE, ...asked}});
  const plan = planHost(
    'h',
    facts,
    exampleSheets({workload: []}),
    parsePlanVariables({}, () => ''),
    [{at: 'a test', desired: wishes}],
  );
  return changesOf(facts, plan, 'devices').changes;
};

type Way = 'steps' | 'undo';

/** What a change does to units: `daemon-reload`, `restart nginx.service`, `revive nginx.service` … */
const toUnits = (change: Change, way: Way): readonly string[] =>
  change[way].flatMap((step) => {
    if (step.do !== 'run') return [];
    const [program, ...argv] = step.argv;
    if (program === 'systemctl') return [argv.join(' ')];
    const script = program === '/bin/sh' ? (argv[1] ?? '') : '';
    const verb = script.includes('reset-failed')
      ? 'revive'
      : /systemctl (restart|reload-or-restart|stop)/.exec(script)?.[1];
    return verb === undefined ? [] : [`${verb} ${argv.at(-1) ?? ''}`];
  });

const units = (all: readonly Change[], way: Way): readonly string[] =>
  all.flatMap((change) => toUnits(change, way).map((said) => `${change.id.split('/').at(-1) ?? ''}: ${said}`));

const RESTART = {restarts: ['nginx.service']};

test('a unit is restarted once, after the last change, and going back with the first', (t) => {
  const all = changes(
    [
      text('/etc/nginx/a.conf', RESTART),
      text('/etc/nginx/b.conf', {restarts: ['nginx']}),
      user('www', {why: 'a test'}),
    ],
    {
      'service nginx': unit('active'),
    },
  );
  t.deepEqual(units(all, 'steps'), ['user www: restart nginx.service']);
  t.deepEqual(units(all, 'undo'), ['a.conf: revive nginx.service']);
});

test('nothing is restarted for what is as it should be', (t) => {
  const asked = {
    'service nginx': unit('active'),
    'file /etc/nginx/a.conf': `file 644 root 0 root 0 2\n${btoa('x\n')}\n`,
    'file /etc/nginx/b.conf': `file 644 root 0 root 0 2\n${btoa('x\n')}\n`,
  };
  t.deepEqual(changes([text('/etc/nginx/a.conf', RESTART), text('/etc/nginx/b.conf', RESTART)], asked), []);
  const all = changes([text('/etc/nginx/a.conf', RESTART), user('www', {why: 'a test'})], asked);
  t.deepEqual(units(all, 'steps'), []);
});

test('a unit that the phase starts after its files is not restarted; one that it starts before them is', (t) => {
  const start = running('nginx', {why: 'a test'});
  const stopped = {'service nginx': unit('inactive')};
  const after = changes([text('/etc/nginx/a.conf', RESTART), start], stopped);
  t.deepEqual(units(after, 'steps'), ['service nginx: start nginx.service']);
  t.deepEqual(units(after, 'undo'), ['service nginx: stop nginx.service']);
  const before = changes([start, text('/etc/nginx/a.conf', RESTART)], stopped);
  t.deepEqual(units(before, 'steps'), ['service nginx: start nginx.service', 'a.conf: restart nginx.service']);
  // It did not run before: going back nothing starts it.
  t.deepEqual(units(before, 'undo'), ['service nginx: stop nginx.service']);
});

test('a restart wins over a reload', (t) => {
  const asked = {'service nginx': unit('active')};
  const reloads = {reloads: ['nginx.service']};
  t.deepEqual(units(changes([text('/etc/nginx/a.conf', reloads)], asked), 'steps'), [
    'a.conf: reload-or-restart nginx.service',
  ]);
  const both = changes([text('/etc/nginx/a.conf', reloads), text('/etc/nginx/b.conf', RESTART)], asked);
  t.deepEqual(units(both, 'steps'), ['b.conf: restart nginx.service']);
});

test('systemd reads its units anew once for neighbouring files, before what uses them; going back after each', (t) => {
  const folder = '/etc/systemd/system/nginx.service.d';
  const all = changes(
    [text(`${folder}/a.conf`, RESTART), text(`${folder}/b.conf`, RESTART), text('/etc/nginx/a.conf', RESTART)],
    {'service nginx': unit('active')},
  );
  t.deepEqual(units(all, 'steps'), ['b.conf: daemon-reload', 'a.conf: restart nginx.service']);
  t.deepEqual(units(all, 'undo'), ['a.conf: daemon-reload', 'a.conf: revive nginx.service', 'b.conf: daemon-reload']);
});
