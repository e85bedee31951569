import {setTimeout as pause} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {Applied} from '../../../engine/actions/apply-host.ts';
import type {Target} from '../../../engine/effects/connection.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {installed, removed} from '../../../engine/plan/recipe/wish/package.ts';
import {differences} from '../../support/guarded-runs.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {aptScript, repositoryScript, type TestPackage} from '../../support/packages.ts';
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

for (const shell of ['dash', 'bash', 'busybox'] as const)
  test.serial(
    `${shell}: installed with what it needs; a second time nothing; rolled back, nothing of it is left`,
    async (t) => {
      const target = targetOf(shell);
      const before = await packagesOn(target);
      const wish = installed('lr-server', {why});
      t.like(await settingOf(target, wish), {live: {value: 'absent'}, pending: ['live'], undo: 'exact'});
      await undone(t, target, [wish]);
      t.like(await applyWishes(target, [wish]), {outcome: 'done', changed: 1, left: [], blocks: []});
      t.is(await versions(target), 'lr-library 1.0-1 installed\nlr-server 1.0-1 installed');
      t.like(await settingOf(target, wish), {live: {value: '1.0-1'}, pending: []});
      t.like(await applyWishes(target, [wish]), {outcome: 'same'});
      t.like(await rollBack(target), {outcome: 'done', changed: 1});
      // What scripts made, a user, is theirs once the run is confirmed.
      await runOn(target, 'userdel lr-daemon; cp /var/lib/apt/extended_states /run/lab/marks');
      t.deepEqual(differences(before, await packagesOn(target)), []);
    },
  );
