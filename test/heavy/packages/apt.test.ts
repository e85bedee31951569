import test from 'ava';
import type {Target} from '../../../engine/effects/connection.ts';
import {
  startPackageLab,
  packagesOn,
  versionsOn,
  outputOn,
  takenBack,
  settingOf,
  reasonOf,
  SLOW,
  inScript,
  killIn,
  REFRESH,
} from '../../support/package-hosts.ts';
import {installed, removed} from '../../../engine/plan/recipe/wish/package.ts';
import {differences} from '../../support/guarded-runs.ts';
import type {Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {applyWishes, rollBack} from '../../support/wishes.ts';

const HOSTS = {
  bash: 'ln -sf bash /usr/bin/sh',
  busybox: 'ln -sf busybox /usr/bin/sh',
  old: '',
  lock: '',
  removed: '',
  cut: '',
};

let lab: Lab;

test.before(async () => {
  lab = await startPackageLab(Object.values(HOSTS));
});

test.after.always(async () => lab?.stop());

const targetOf = (name: keyof typeof HOSTS): Target => hostAt(lab, Object.keys(HOSTS).indexOf(name)).target;

const why = 'a test';

for (const shell of ['bash', 'busybox'] as const)
  test.serial(`${shell}: taken back whole before it was confirmed; a transaction that fails too`, async (t) => {
    const target = targetOf(shell);
    await takenBack(t, target, [installed('lr-server', {why})]);
    const before = await packagesOn(target);
    const applied = await applyWishes(target, [installed('lr-library', {why}), installed('lr-broken', {why})]);
    t.regex(reasonOf(applied), /package lr-library: .*error processing package lr-broken.*exit status 3/);
    t.like(applied, {outcome: 'stopped', run: {outcome: 'rolled-back', notUndone: []}});
    t.deepEqual(differences(before, await packagesOn(target)), []);
  });

test.serial('another program that has the lock is waited for', async (t) => {
  const target = targetOf('lock');
  const hold =
    "import fcntl, time; f = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); open('/run/lr-locked', 'w'); time.sleep(4)";
  await runOn(target, `python3 -c "${hold}" >/dev/null 2>&1 & until [ -e /run/lr-locked ]; do sleep 0.05; done`);
  t.like(await applyWishes(target, [installed('lr-library', {why})]), {outcome: 'done', changed: 1});
  t.is(await versionsOn(target), 'lr-library 1.0-1 installed');
});

test.serial('a version that nobody has any more is replaced only where that is allowed', async (t) => {
  const target = targetOf('old');
  await applyWishes(target, [installed('lr-server', {why})]);
  await runOn(
    target,
    `echo 'deb [trusted=yes] file:/run/lab/new ./' >/etc/apt/sources.list.d/lab.list; rm /run/lab/old/lr-server* /run/lab/old/lr-library*
    cd /run/lab/old && apt-ftparchive packages . >Packages 2>/dev/null; echo 'deb [trusted=yes] file:/run/lab/old ./' >>/etc/apt/sources.list.d/lab.list; ${REFRESH}`,
  );
  const update = installed('lr-server', {why, version: '2.0-1'});
  t.is((await settingOf(target, update))?.undo, 'approximate');
  t.like(await applyWishes(target, [update]), {outcome: 'done', changed: 0, blocks: [{id: 'package lr-server'}]});
  // One that comes with something else is known only once apt has said so.
  const before = await packagesOn(target);
  t.regex(reasonOf(await applyWishes(target, [installed('lr-newer', {why})])), /lr-library 1.0-1 would be replaced/);
  t.deepEqual(differences(before, await packagesOn(target)), []);
  t.like(await applyWishes(target, [update], {allowIrreversible: true}), {outcome: 'done', changed: 1});
  t.regex(await versionsOn(target), /lr-server 2.0-1 installed/);
});

test.serial('nothing is removed that nobody named; removed leaves its configuration, absent nothing', async (t) => {
  const target = targetOf('removed');
  await applyWishes(target, [installed('lr-server', {why})]);
  await runOn(target, "echo 'port 17' >/etc/lr-server.conf");
  const refusal = await applyWishes(target, [installed('lr-rival', {why})]);
  t.regex(reasonOf(refusal), /lr-server would be removed, and nobody asked for that/);
  const swap = [removed('lr-server', {why}), installed('lr-rival', {why})];
  await takenBack(t, target, swap);
  t.like(await applyWishes(target, swap), {outcome: 'done', changed: 2, left: []});
  t.is(await versionsOn(target), 'lr-library 1.0-1 installed\nlr-rival 1.0-1 installed\nlr-server 1.0-1 config-files');
  t.like(await applyWishes(target, swap), {outcome: 'same'});
  t.like(await rollBack(target), {outcome: 'done'});
  t.is(await outputOn(target, 'cat /etc/lr-server.conf'), 'port 17');
  const purge = removed('lr-server', {why, purge: true});
  t.is((await settingOf(target, purge))?.undo, 'approximate');
  t.like(await applyWishes(target, [purge], {allowIrreversible: true}), {outcome: 'done', changed: 1});
  t.is(
    await outputOn(target, 'ls -d /etc/lr-server.conf /usr/share/lr-library; dpkg-query -W "lr-*" | grep -v -e "\t$"'),
    '',
  );
});

test.serial('broken off in the middle of a script: taken back at once', async (t) => {
  const target = targetOf('cut');
  const before = await packagesOn(target);
  const stop = new AbortController();
  const running = applyWishes(target, SLOW, {signal: stop.signal});
  await inScript(target, running);
  stop.abort();
  t.like(await running, {outcome: 'stopped', run: {outcome: 'interrupted', notUndone: []}});
  t.deepEqual(differences(before, await packagesOn(target)), []);
});

test.serial('killed with its guard in the middle of a script: taken back by whoever looks at it next', async (t) => {
  const target = targetOf('cut');
  const before = await packagesOn(target);
  const running = applyWishes(target, SLOW);
  await inScript(target, running);
  await runOn(target, killIn('/run/linerate'));
  t.like(await running, {outcome: 'stopped', run: {outcome: 'rolled-back', notUndone: []}});
  t.deepEqual(differences(before, await packagesOn(target)), []);
});
