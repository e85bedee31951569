import {copyFile, mkdtemp, rename, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {Applied} from '../../../engine/actions/apply-host.ts';
import type {Target} from '../../../engine/effects/connection.ts';
import {digestOfFile} from '../../../engine/effects/files.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import type {LocalFile} from '../../../engine/plan/recipe/parameter/local-file.ts';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {installed, packageFile, removed} from '../../../engine/plan/recipe/wish/package.ts';
import {differences} from '../../support/guarded-runs.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {aptScript, buildDeb, repositoryScript, type TestPackage} from '../../support/packages.ts';
import {applyWishes, planWishes, rollBack} from '../../support/wishes.ts';

const SERVER: TestPackage = {
  name: 'lr-server',
  version: '1.0-1',
  depends: 'lr-library',
  files: {'/etc/lr-server.conf': 'port 1\n', '/usr/share/lr-server/text': 'old\n'},
  conffiles: ['/etc/lr-server.conf'],
  postinst: 'getent passwd lr-daemon >/dev/null || useradd --system lr-daemon; mkdir -p /var/lib/lr-server',
  postrm: 'if [ "$1" = purge ]; then rm -rf /var/lib/lr-server; fi',
};
const LIBRARY: TestPackage = {name: 'lr-library', version: '1.0-1', files: {'/usr/share/lr-library/text': 'old\n'}};

const OLD: readonly TestPackage[] = [
  SERVER,
  LIBRARY,
  {name: 'lr-broken', version: '1.0-1', depends: 'lr-library', postinst: 'echo no luck today >&2; exit 3'},
  {
    name: 'lr-slow',
    version: '1.0-1',
    depends: 'lr-library',
    postinst: 'if [ "$1" = configure ]; then touch /run/lr-slow; exec sleep 600; fi',
  },
  {name: 'lr-rival', version: '1.0-1', conflicts: 'lr-server'},
  {name: 'lr-newer', version: '1.0-1', depends: 'lr-library (>= 2.0)'},
];
const NEW: readonly TestPackage[] = [
  {...SERVER, version: '2.0-1', files: {'/etc/lr-server.conf': 'port 2\n', '/usr/share/lr-server/text': 'new\n'}},
  {...LIBRARY, version: '2.0-1', files: {'/usr/share/lr-library/text': 'new\n'}},
];

const HOSTS = ['dash', 'bash', 'busybox', 'old'] as const;

let lab: Lab;

test.before(async () => {
  const repositories = `${await repositoryScript(OLD, '/run/lab/old')}${await repositoryScript(NEW, '/run/lab/new')}`;
  const shellOf = (shell: (typeof HOSTS)[number]): string =>
    shell === 'bash' || shell === 'busybox' ? `ln -sf ${shell} /usr/bin/sh` : '';
  const hosts = HOSTS.map((shell): HostOptions => ({
    prepare: `${aptScript(['/run/lab/old'])}${repositories}${shellOf(shell)}`,
  }));
  lab = await startLab({hosts});
});

test.after.always(async () => lab?.stop());

const targetOf = (name: (typeof HOSTS)[number]): Target & {via: 'ssh'} => hostAt(lab, HOSTS.indexOf(name)).target;

const outputOn = async (target: Target, script: string): Promise<string> => (await runOn(target, script)).stdout.trim();

/** All that packages of ours may have touched: what is installed, their files, users, and apt's marks. */
const packagesOn = async (target: Target): Promise<string> =>
  outputOn(
    target,
    `dpkg-query -W -f '\${binary:Package} \${Version} \${Status}\\n' | grep -v not-installed
    find /etc /usr/share/lr-* /var/lib/lr-* /usr/sbin -newer /run/lab/host_key.pub ! -name '*-' ! -name passwd ! -name group ! -name '*shadow' ! -path '*/linerate/*' ! -type d -exec sha256sum {} + 2>/dev/null | sort
    find /usr/share/lr-* /var/lib/lr-* -type d 2>/dev/null
    cat /etc/passwd /etc/group /etc/shadow /etc/gshadow /var/lib/apt/extended_states; ls /var/lib/dpkg/info | grep lr-`,
  );

const why = 'a test';

const versions = async (target: Target): Promise<string> =>
  outputOn(target, "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n' 'lr-*' | grep -v not-installed");

const undone = async (t: ExecutionContext, target: Target, wishes: readonly Wish[]): Promise<void> => {
  const before = await packagesOn(target);
  let meanwhile = '';
  const agree = async (): Promise<string> => {
    meanwhile = await packagesOn(target);
    return 'the test does not agree';
  };
  t.like(await applyWishes(target, wishes, {agree}), {
    outcome: 'stopped',
    run: {outcome: 'rolled-back', reason: 'the test does not agree', notUndone: []},
  });
  t.not(meanwhile, before);
  t.deepEqual(differences(before, await packagesOn(target)), []);
};

const settingOf = async (target: Target, wish: Wish): Promise<Setting | undefined> =>
  (await planWishes(target, [wish])).settings[0];

const reasonOf = (applied: Applied): string =>
  applied.outcome === 'stopped' && applied.run.outcome === 'rolled-back' ? applied.run.reason : JSON.stringify(applied);

const fresh = 'apt-get -q update >/dev/null';

for (const shell of ['dash', 'bash', 'busybox'] as const)
  test.serial(`${shell}: taken back whole before it was confirmed; a transaction that fails too`, async (t) => {
    const target = targetOf(shell);
    await undone(t, target, [installed('lr-server', {why})]);
    const before = await packagesOn(target);
    const applied = await applyWishes(target, [installed('lr-library', {why}), installed('lr-broken', {why})]);
    t.regex(reasonOf(applied), /package lr-library: .*error processing package lr-broken.*exit status 3/);
    t.like(applied, {outcome: 'stopped', run: {outcome: 'rolled-back', notUndone: []}});
    t.deepEqual(differences(before, await packagesOn(target)), []);
  });

test.serial('installed with what it needs; a second time nothing; rolled back, nothing of it is left', async (t) => {
  const target = targetOf('dash');
  const before = await packagesOn(target);
  const wish = installed('lr-server', {why});
  t.like(await settingOf(target, wish), {live: {value: 'absent'}, pending: ['live'], undo: 'exact'});
  t.like(await applyWishes(target, [wish]), {outcome: 'done', changed: 1, left: [], blocks: []});
  t.is(await versions(target), 'lr-library 1.0-1 installed\nlr-server 1.0-1 installed');
  t.like(await settingOf(target, wish), {live: {value: '1.0-1'}, pending: []});
  t.like(await applyWishes(target, [wish]), {outcome: 'same'});
  t.like(await rollBack(target), {outcome: 'done', changed: 1});
  // What scripts made, a user, is theirs once the run is confirmed.
  await runOn(target, 'userdel lr-daemon');
  t.deepEqual(differences(before, await packagesOn(target)), []);
});

test.serial(
  'what cannot come is refused: no such package, no such version, one on hold, a dpkg that was cut off',
  async (t) => {
    const target = targetOf('dash');
    const refused = async (wish: Wish): Promise<string | undefined> =>
      (await planWishes(target, [wish])).blocks[0]?.reason;
    await runOn(target, `${fresh}; : >/var/lib/dpkg/updates/0001; dpkg-query -W >/run/lab/list`);
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

test.serial('another program that has the lock is waited for', async (t) => {
  const target = targetOf('bash');
  const hold =
    "import fcntl, time; f = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(f, fcntl.LOCK_EX); open('/run/lr-locked', 'w'); time.sleep(4)";
  await runOn(target, `python3 -c "${hold}" >/dev/null 2>&1 & until [ -e /run/lr-locked ]; do sleep 0.05; done`);
  t.like(await applyWishes(target, [installed('lr-library', {why})]), {outcome: 'done', changed: 1});
  t.is(await versions(target), 'lr-library 1.0-1 installed');
});

test.serial('an update keeps what was changed by hand, and goes back to the version that was there', async (t) => {
  const target = targetOf('dash');
  await applyWishes(target, [installed('lr-server', {why})]);
  await runOn(
    target,
    `echo 'port 17' >/etc/lr-server.conf
    echo 'deb [trusted=yes] file:/run/lab/new ./' >/etc/apt/sources.list.d/new.list; ${fresh}`,
  );
  const wishes = [installed('lr-server', {why, version: '2.0-1'}), installed('lr-newer', {why})];
  t.like(await settingOf(target, installed('lr-server', {why, version: '2.0-1'})), {
    live: {value: '1.0-1'},
    undo: 'exact',
  });
  await undone(t, target, wishes);
  t.like(await applyWishes(target, wishes), {outcome: 'done', changed: 2, left: []});
  t.is(await versions(target), 'lr-library 2.0-1 installed\nlr-newer 1.0-1 installed\nlr-server 2.0-1 installed');
  t.is(await outputOn(target, 'cat /etc/lr-server.conf /usr/share/lr-server/text'), 'port 17\nnew');
  // The old version is in no repository any more: what was kept of it is enough.
  await runOn(target, `rm /etc/apt/sources.list.d/lab.list; rm -r /run/lab/old; ${fresh}`);
  t.like(await rollBack(target), {outcome: 'done'});
  t.regex(await versions(target), /lr-server 1.0-1 installed/);
  t.is(await outputOn(target, 'cat /etc/lr-server.conf'), 'port 17');
});

test.serial('a version that nobody has any more is replaced only where that is allowed', async (t) => {
  const target = targetOf('old');
  await applyWishes(target, [installed('lr-server', {why})]);
  await runOn(
    target,
    `echo 'deb [trusted=yes] file:/run/lab/new ./' >/etc/apt/sources.list.d/lab.list; rm /run/lab/old/lr-server* /run/lab/old/lr-library*
    cd /run/lab/old && apt-ftparchive packages . >Packages 2>/dev/null; echo 'deb [trusted=yes] file:/run/lab/old ./' >>/etc/apt/sources.list.d/lab.list; ${fresh}`,
  );
  const update = installed('lr-server', {why, version: '2.0-1'});
  t.is((await settingOf(target, update))?.undo, 'approximate');
  t.like(await applyWishes(target, [update]), {outcome: 'done', changed: 0, blocks: [{id: 'package lr-server'}]});
  // One that comes with something else is known only once apt has said so.
  const before = await packagesOn(target);
  t.regex(reasonOf(await applyWishes(target, [installed('lr-newer', {why})])), /lr-library 1.0-1 would be replaced/);
  t.deepEqual(differences(before, await packagesOn(target)), []);
  t.like(await applyWishes(target, [update], {allowIrreversible: true}), {outcome: 'done', changed: 1});
  t.regex(await versions(target), /lr-server 2.0-1 installed/);
});

test.serial('nothing is removed that nobody named; removed leaves its configuration, absent nothing', async (t) => {
  const target = targetOf('busybox');
  await applyWishes(target, [installed('lr-server', {why})]);
  await runOn(target, "echo 'port 17' >/etc/lr-server.conf");
  const refusal = await applyWishes(target, [installed('lr-rival', {why})]);
  t.regex(reasonOf(refusal), /lr-server would be removed, and nobody asked for that/);
  const swap = [removed('lr-server', {why}), installed('lr-rival', {why})];
  await undone(t, target, swap);
  t.like(await applyWishes(target, swap), {outcome: 'done', changed: 2, left: []});
  t.is(await versions(target), 'lr-library 1.0-1 installed\nlr-rival 1.0-1 installed\nlr-server 1.0-1 config-files');
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

const localFileOf = async (file: string): Promise<LocalFile> => ({
  path: file,
  name: path.basename(file),
  sha256: await digestOfFile(file),
});

test.serial(
  'a file of the controller, with what it needs from a repository; what it holds must be what it is called',
  async (t) => {
    const target = targetOf('bash');
    const folder = await mkdtemp(path.join(tmpdir(), 'linerate-packages-'));
    t.teardown(async () => rm(folder, {recursive: true, force: true}));
    const built = await buildDeb(folder, {name: 'lr-local', version: '1:1.5-1', depends: 'lr-server'});
    const named = path.join(folder, 'lr-local_1.5-1_all.deb');
    await rename(built, named);
    const wish = packageFile(await localFileOf(named), {why});
    await undone(t, target, [wish]);
    t.like(await applyWishes(target, [wish]), {outcome: 'done', changed: 1, left: []});
    t.regex(await versions(target), /lr-local 1:1.5-1 installed/);
    t.like(await applyWishes(target, [wish]), {outcome: 'same'});
    t.like(await rollBack(target), {outcome: 'done', changed: 1});
    t.notRegex(await versions(target), /lr-local|lr-server/);

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

const SLOW = [installed('lr-slow', {why})];
const untilScript = 'until [ -e /run/lr-slow ]; do sleep 0.05; done; rm /run/lr-slow';

test.serial('broken off in the middle of a script: taken back at once', async (t) => {
  const target = targetOf('bash');
  const before = await packagesOn(target);
  const stop = new AbortController();
  const running = applyWishes(target, SLOW, {signal: stop.signal});
  await runOn(target, untilScript);
  stop.abort();
  t.like(await running, {outcome: 'stopped', run: {outcome: 'interrupted', notUndone: []}});
  t.deepEqual(differences(before, await packagesOn(target)), []);
});

/** Ends all of a run whose folder lies in this one, as nothing can forbid. */
const killIn = (folder: string): string => `for file in ${folder}/2*/guard ${folder}/2*/watch ${folder}/2*/carry; do
  [ ! -e "$file" ] || { read -r pid rest <"$file"; [ -z "$pid" ] || kill -KILL "-$pid" "$pid"; }
done 2>/dev/null`;

test.serial('killed with its guard in the middle of a script: taken back by whoever looks at it next', async (t) => {
  const target = targetOf('bash');
  const before = await packagesOn(target);
  const running = applyWishes(target, SLOW);
  await runOn(target, `${untilScript}\n${killIn('/run/linerate')}`);
  t.like(await running, {outcome: 'stopped', run: {outcome: 'rolled-back', notUndone: []}});
  t.deepEqual(differences(before, await packagesOn(target)), []);
});

// What a reboot leaves: nothing of /run, another boot's id, and what lies on disk.
const POWER_CUT = `${untilScript}
mkdir /run/lab/gone && mv /run/linerate/2* /run/lab/gone && rm /run/linerate/lock
${killIn('/run/lab/gone')}
for run in /var/lib/linerate/runs/*; do
  [ -e "$run/uncommitted" ] || continue
  sed 's/^read -r BOOT .*/BOOT=another/' "$run/run.sh" >/run/lab/run.sh && cp /run/lab/run.sh "$run/run.sh"
  sh "$run/run.sh" recover
  cat "$run/state"
done`;

test.serial('the power fails in the middle of a script: taken back at the next boot', async (t) => {
  const target = targetOf('bash');
  const before = await packagesOn(target);
  const running = applyWishes(target, SLOW);
  t.is((await runOn(target, POWER_CUT)).stdout.trim(), 'undone');
  t.like(await running, {outcome: 'stopped'});
  t.deepEqual(differences(before, await packagesOn(target)), []);
});
