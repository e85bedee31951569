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
  localFileOf,
  SLOW,
  inScript,
  killIn,
  REFRESH,
  NEWER,
} from '../../support/package-hosts.ts';
import {copyFile, mkdtemp, rename, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {file} from '../../../engine/plan/recipe/wish/file.ts';
import {installed, packageFile, removed} from '../../../engine/plan/recipe/wish/package.ts';
import {user} from '../../../engine/plan/recipe/wish/user.ts';
import {differences} from '../../support/guarded-runs.ts';
import type {Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {buildDeb} from '../../support/packages.ts';
import {applyPhases, applyWishes, planWishes, rollBack} from '../../support/wishes.ts';

const HOSTS = ['new', 'installed', 'phases', 'refused', 'update', 'power', 'local'] as const;

let lab: Lab;

test.before(async () => {
  lab = await startPackageLab(HOSTS.map(() => ''));
});

test.after.always(async () => lab?.stop());

const targetOf = (name: (typeof HOSTS)[number]): Target => hostAt(lab, HOSTS.indexOf(name)).target;

const why = 'a test';

test.serial('taken back whole before it was confirmed; a transaction that fails too', async (t) => {
  const target = targetOf('new');
  await takenBack(t, target, [installed('lr-server', {why})]);
  const before = await packagesOn(target);
  const applied = await applyWishes(target, [installed('lr-library', {why}), installed('lr-broken', {why})]);
  t.regex(reasonOf(applied), /package lr-library: .*error processing package lr-broken.*exit status 3/);
  t.like(applied, {outcome: 'stopped', run: {outcome: 'rolled-back', notUndone: []}});
  t.deepEqual(differences(before, await packagesOn(target)), []);
});

test.serial('installed with what it needs; a second time nothing; rolled back, nothing of it is left', async (t) => {
  const target = targetOf('installed');
  const before = await packagesOn(target);
  const wish = installed('lr-server', {why});
  t.like(await settingOf(target, wish), {live: {value: 'absent'}, pending: ['live'], undo: 'exact'});
  t.like(await applyWishes(target, [wish]), {outcome: 'done', changed: 1, left: [], blocks: []});
  t.is(await versionsOn(target), 'lr-library 1.0-1 installed\nlr-server 1.0-1 installed');
  t.like(await settingOf(target, wish), {live: {value: '1.0-1'}, pending: []});
  t.like(await applyWishes(target, [wish]), {outcome: 'same'});
  t.like(await rollBack(target), {outcome: 'done', changed: 1});
  // What scripts made, a user, is theirs once the run is confirmed.
  await runOn(target, 'userdel lr-daemon');
  t.deepEqual(differences(before, await packagesOn(target)), []);
});

test.serial('what later phases changed of a package goes with it when all of them are rolled back', async (t) => {
  const target = targetOf('phases');
  const before = await packagesOn(target);
  const applied = await applyPhases(target, {
    packages: [installed('lr-server', {why})],
    server: [
      user('lr-daemon', {shell: '/bin/sh', why}),
      file('/etc/lr-server.conf', {text: 'port 2\n', owner: 'root:lr-daemon', why}),
      file('/var/lib/lr-server/state', {text: 'ours\n', why}),
    ],
  });
  t.like(applied, {outcome: 'done', left: [], blocks: []});
  t.is(await outputOn(target, 'cat /etc/lr-server.conf'), 'port 2');
  t.like(await rollBack(target), {outcome: 'done', blocks: []});
  await runOn(target, 'userdel lr-daemon');
  t.deepEqual(differences(before, await packagesOn(target)), []);
});

test.serial(
  'what cannot come is refused: no such package, no such version, one on hold, a dpkg that was cut off',
  async (t) => {
    const target = targetOf('refused');
    const refused = async (wish: Wish): Promise<string | undefined> =>
      (await planWishes(target, [wish])).blocks[0]?.reason;
    await runOn(target, `${REFRESH}; : >/var/lib/dpkg/updates/0001; dpkg-query -W >/run/lab/list`);
    t.regex((await refused(installed('lr-server', {why}))) ?? '', /dpkg was cut off/);
    await runOn(target, 'rm /var/lib/dpkg/updates/0001');
    t.is(
      await refused(installed('lr-none', {why})),
      'it cannot be changed: no repository of this host has a package of this name',
    );
    // A name is no pattern.
    t.regex((await refused(installed('lr.server', {why}))) ?? '', /no repository/);
    t.is(
      await refused(installed('lr-server', {why, version: '3.0-1'})),
      'it cannot be changed: its repositories have 1.0-1, and not 3.0-1',
    );
    await runOn(target, 'apt-mark hold hostname >/dev/null');
    t.regex((await refused(removed('hostname', {why}))) ?? '', /on hold/);
    await runOn(target, 'apt-mark unhold hostname >/dev/null');
    // Lists that are older than the sources say nothing.
    await runOn(target, 'touch /etc/apt/sources.list.d/lab.list');
    t.is(await refused(installed('lr-none', {why})), undefined);
    const before = await packagesOn(target);
    t.regex(reasonOf(await applyWishes(target, [installed('lr-none', {why})])), /Unable to locate package lr-none/);
    t.deepEqual(differences(before, await packagesOn(target)), []);
  },
);

test.serial('an update keeps what was changed by hand, and goes back to the version that was there', async (t) => {
  const target = targetOf('update');
  await applyWishes(target, [installed('lr-server', {why})]);
  await runOn(
    target,
    `echo 'port 17' >/etc/lr-server.conf
    ${NEWER}`,
  );
  const wishes = [installed('lr-server', {why, version: '2.0-1'}), installed('lr-newer', {why})];
  t.like(await settingOf(target, installed('lr-server', {why, version: '2.0-1'})), {
    live: {value: '1.0-1'},
    undo: 'exact',
  });
  await takenBack(t, target, wishes);
  t.like(await applyWishes(target, wishes), {outcome: 'done', changed: 2, left: []});
  t.is(await versionsOn(target), 'lr-library 2.0-1 installed\nlr-newer 1.0-1 installed\nlr-server 2.0-1 installed');
  t.is(await outputOn(target, 'cat /etc/lr-server.conf /usr/share/lr-server/text'), 'port 17\nnew');
  // The old version is in no repository any more: what was kept of it is enough.
  await runOn(target, `rm /etc/apt/sources.list.d/lab.list; rm -r /run/lab/old; ${REFRESH}`);
  t.like(await rollBack(target), {outcome: 'done'});
  t.regex(await versionsOn(target), /lr-server 1.0-1 installed/);
  t.is(await outputOn(target, 'cat /etc/lr-server.conf'), 'port 17');
});

test.serial(
  'a file of the controller, with what it needs from a repository; what it holds must be what it is called',
  async (t) => {
    const target = targetOf('local');
    const folder = await mkdtemp(path.join(tmpdir(), 'linerate-packages-'));
    t.teardown(async () => rm(folder, {recursive: true, force: true}));
    const built = await buildDeb(folder, {name: 'lr-local', version: '1:1.5-1', depends: 'lr-server'});
    const named = path.join(folder, 'lr-local_1.5-1_all.deb');
    await rename(built, named);
    const wish = packageFile(await localFileOf(named), {why});
    await takenBack(t, target, [wish]);
    t.like(await applyWishes(target, [wish]), {outcome: 'done', changed: 1, left: []});
    t.regex(await versionsOn(target), /lr-local 1:1.5-1 installed/);
    t.like(await applyWishes(target, [wish]), {outcome: 'same'});
    t.like(await rollBack(target), {outcome: 'done', changed: 1});
    t.notRegex(await versionsOn(target), /lr-local|lr-server/);

    const before = await packagesOn(target);
    for (const [name, reason] of [
      ['lr-other_1.5-1_all.deb', /the file holds the package lr-local, and not lr-other/],
      ['lr-local_1.6-1_all.deb', /package lr-local holds "1:1.5-1", not "1.6-1/],
    ] as const) {
      const file = path.join(folder, name);
      await copyFile(named, file);
      t.regex(reasonOf(await applyWishes(target, [packageFile(await localFileOf(file), {why})])), reason);
    }
    t.deepEqual(differences(before, await packagesOn(target)), []);
  },
);

// What a reboot leaves: nothing of /run, another boot's id, and what lies on disk.
const POWER_CUT = `mkdir /run/lab/gone && mv /run/linerate/2* /run/lab/gone && rm /run/linerate/lock
${killIn('/run/lab/gone')}
for run in /var/lib/linerate/runs/*; do
  [ -e "$run/uncommitted" ] || continue
  sed 's/^read -r BOOT .*/BOOT=another/' "$run/run.sh" >/run/lab/run.sh && cp /run/lab/run.sh "$run/run.sh"
  sh "$run/run.sh" recover
  cat "$run/state"
done`;

test.serial('the power fails in the middle of a script: taken back at the next boot', async (t) => {
  const target = targetOf('power');
  const before = await packagesOn(target);
  const running = applyWishes(target, SLOW);
  await inScript(target, running);
  t.is((await runOn(target, POWER_CUT)).stdout.trim(), 'undone');
  t.like(await running, {outcome: 'stopped'});
  t.deepEqual(differences(before, await packagesOn(target)), []);
});
