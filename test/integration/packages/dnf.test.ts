import test, {type ExecutionContext} from 'ava';
import type {Applied} from '../../../engine/actions/apply-host.ts';
import type {Target} from '../../../engine/effects/connection.ts';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {installed, removed} from '../../../engine/plan/recipe/wish/package.ts';
import {differences} from '../../support/guarded-runs.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {dnfScript, rpmRepositoriesScript, type TestRpm} from '../../support/rpms.ts';
import {applyWishes, planWishes, rollBack} from '../../support/wishes.ts';

const SERVER: TestRpm = {
  name: 'lr-server',
  version: '1.0',
  tags: ['Requires: lr-library'],
  files: {'/etc/lr-server.conf': 'port 1\n', '/usr/share/lr-server/text': 'old\n'},
  config: ['/etc/lr-server.conf'],
  post: 'getent passwd lr-daemon >/dev/null || useradd --system lr-daemon',
};
const LIBRARY: TestRpm = {name: 'lr-library', version: '1.0', files: {'/usr/share/lr-library/text': 'old\n'}};

const REPOSITORIES = {
  old: [
    {name: 'lr-base', version: '1.0', tags: ['Provides: /bin/sh']},
    SERVER,
    LIBRARY,
    {name: 'lr-broken', version: '1.0', tags: ['Requires: lr-library'], pre: 'echo no luck today >&2; exit 3'},
    {name: 'lr-rival', version: '1.0', tags: ['Conflicts: lr-server']},
    {name: 'lr-newer', version: '1.0', tags: ['Requires: lr-library >= 2.0']},
  ],
  new: [
    {...SERVER, version: '2.0', files: {'/etc/lr-server.conf': 'port 2\n', '/usr/share/lr-server/text': 'new\n'}},
    {...LIBRARY, version: '2.0', files: {'/usr/share/lr-library/text': 'new\n'}},
  ],
};

let lab: Lab;

test.before(async () => {
  const repositories = await rpmRepositoriesScript(REPOSITORIES, '/run/lab/repositories');
  lab = await startLab({hosts: [{prepare: `${repositories}${dnfScript(['/run/lab/repositories/old'])}`}]});
});

test.after.always(async () => lab?.stop());

const target = (): Target => hostAt(lab, 0).target;

const outputOn = async (script: string): Promise<string> => (await runOn(target(), script)).stdout.trim();

const versions = async (): Promise<string> =>
  outputOn("rpm -qa --qf '%{NAME} %{VERSION}\\n' 'lr-*' | sort | tr '\\n' ' '");

const packages = async (): Promise<string> =>
  outputOn(`rpm -qa | sort; rpm -Va; cat /etc/passwd /etc/group /etc/shadow /etc/gshadow
    find /etc/lr-* /usr/share/lr-* -type f -exec sha256sum {} + 2>/dev/null; ls -d /usr/share/lr-*`);

const why = 'a test';

const reasonOf = (applied: Applied): string =>
  applied.outcome === 'stopped' && applied.run.outcome === 'rolled-back' ? applied.run.reason : JSON.stringify(applied);

const undone = async (t: ExecutionContext, wishes: readonly Wish[]): Promise<void> => {
  const before = await packages();
  let meanwhile = '';
  const agree = async (): Promise<string> => {
    meanwhile = await packages();
    return 'the test does not agree';
  };
  const outcome = await applyWishes(target(), wishes, {agree, allowIrreversible: true});
  t.like(outcome, {
    outcome: 'stopped',
    run: {outcome: 'rolled-back', reason: 'the test does not agree', notUndone: []},
  });
  t.not(meanwhile, before);
  t.deepEqual(differences(before, await packages()), []);
};

test.serial('installed with what it needs, and taken back whole; a second time nothing', async (t) => {
  const wish = installed('lr-server', {why});
  const before = await packages();
  await undone(t, [wish]);
  t.like(await applyWishes(target(), [wish]), {outcome: 'done', changed: 1, left: [], blocks: []});
  t.is(await versions(), 'lr-base 1.0 lr-library 1.0 lr-server 1.0');
  t.like(await applyWishes(target(), [wish]), {outcome: 'same'});
  t.like(await rollBack(target()), {outcome: 'done', changed: 1});
  await runOn(target(), 'userdel lr-daemon');
  t.deepEqual(differences(before, await packages()), []);
});

test.serial('a script that fails, and a name that nobody knows', async (t) => {
  const before = await packages();
  const applied = await applyWishes(target(), [installed('lr-library', {why}), installed('lr-broken', {why})]);
  t.regex(reasonOf(applied), /lr-broken/);
  t.like(applied, {run: {notUndone: []}});
  t.regex(reasonOf(await applyWishes(target(), [installed('lr-none', {why})])), /lr-none/);
  t.deepEqual(differences(before, await packages()), []);
});

test.serial('updates, and nothing removed that nobody named', async (t) => {
  await applyWishes(target(), [installed('lr-server', {why})]);
  await runOn(
    target(),
    `echo 'port 17' >/etc/lr-server.conf
    sed -e 's/old/new/g' /etc/yum.repos.d/old.repo >/etc/yum.repos.d/new.repo`,
  );
  t.regex(reasonOf(await applyWishes(target(), [installed('lr-rival', {why})])), /lr-server/);
  const update = installed('lr-server', {why, version: '2.0-1'});
  t.is((await planWishes(target(), [update])).settings[0]?.undo, 'approximate');
  await undone(t, [update, installed('lr-newer', {why})]);
  t.like(await applyWishes(target(), [update], {allowIrreversible: true}), {outcome: 'done', changed: 1});
  t.regex(await versions(), /lr-server 2.0/);
  t.is(await outputOn('cat /etc/lr-server.conf'), 'port 17');
  const gone = removed('lr-server', {why});
  t.like(await applyWishes(target(), [gone], {allowIrreversible: true}), {outcome: 'done', changed: 1});
  t.notRegex(await versions(), /lr-server/);
});
