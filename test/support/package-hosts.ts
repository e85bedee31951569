import path from 'node:path';
import type {ExecutionContext} from 'ava';
import type {Applied, ApplyHostOptions} from '../../engine/actions/apply-host.ts';
import type {Target} from '../../engine/effects/connection.ts';
import {digestOfFile} from '../../engine/effects/files.ts';
import type {Setting} from '../../engine/model/setting.ts';
import type {LocalFile} from '../../engine/plan/recipe/parameter/local-file.ts';
import type {Wish} from '../../engine/plan/recipe/recipe.ts';
import {installed} from '../../engine/plan/recipe/wish/package.ts';
import {differences} from './guarded-runs.ts';
import {startLab, type Lab} from './lab/lab.ts';
import {runOn} from './lab/runs.ts';
import {aptScript, repositoryScript, type TestPackage} from './packages.ts';
import {applyWishes, planWishes} from './wishes.ts';

export const SERVER: TestPackage = {
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

/**
 * Hosts with a repository of these packages, one for each line of shell that prepares it further: `/run/lab/old`, which apt
 * knows, and `/run/lab/new`, which it does not know yet.
 */
export const startPackageLab = async (prepares: readonly string[]): Promise<Lab> => {
  const repositories = `${await repositoryScript(OLD, '/run/lab/old')}${await repositoryScript(NEW, '/run/lab/new')}`;
  return startLab({
    hosts: prepares.map((own) => ({prepare: `${aptScript(['/run/lab/old'])}${repositories}${own}`})),
  });
};

export const REFRESH = 'apt-get -q update >/dev/null';

/** apt knows the newer repository too. */
export const NEWER = `echo 'deb [trusted=yes] file:/run/lab/new ./' >/etc/apt/sources.list.d/new.list; ${REFRESH}`;

export const outputOn = async (target: Target, script: string): Promise<string> =>
  (await runOn(target, script)).stdout.trim();

/** All that packages of ours may have touched: what is installed, their files, users, and apt's marks. */
export const packagesOn = async (target: Target): Promise<string> =>
  outputOn(
    target,
    `dpkg-query -W -f '\${binary:Package} \${Version} \${Status}\\n' | grep -v not-installed
    find /etc /usr/share/lr-* /var/lib/lr-* /usr/sbin -newer /run/lab/host_key.pub ! -name '*-' ! -name passwd ! -name group ! -name '*shadow' ! -path '*/linerate/*' ! -type d -exec sha256sum {} + 2>/dev/null | sort
    find /usr/share/lr-* /var/lib/lr-* -type d 2>/dev/null
    cat /etc/passwd /etc/group /etc/shadow /etc/gshadow /var/lib/apt/extended_states; ls /var/lib/dpkg/info | grep lr-`,
  );

/** What is known of our packages, a line each. */
export const versionsOn = async (target: Target): Promise<string> =>
  outputOn(target, "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n' 'lr-*' | grep -v not-installed");

/** Carries wishes out, does not agree, and sees that all is as it was. */
export const takenBack = async (
  t: ExecutionContext,
  target: Target,
  wishes: readonly Wish[],
  look: (target: Target) => Promise<string> = packagesOn,
  options: Partial<ApplyHostOptions> = {},
): Promise<void> => {
  const before = await look(target);
  let meanwhile = '';
  const agree = async (): Promise<string> => {
    meanwhile = await look(target);
    return 'the test does not agree';
  };
  t.like(await applyWishes(target, wishes, {...options, agree}), {
    outcome: 'stopped',
    run: {outcome: 'rolled-back', reason: 'the test does not agree', notUndone: []},
  });
  t.not(meanwhile, before);
  t.deepEqual(differences(before, await look(target)), []);
};

export const settingOf = async (target: Target, wish: Wish): Promise<Setting | undefined> =>
  (await planWishes(target, [wish])).settings[0];

/** Why an apply was rolled back; what it came to where it was not. */
export const reasonOf = (applied: Applied): string =>
  applied.outcome === 'stopped' && applied.run.outcome === 'rolled-back' ? applied.run.reason : JSON.stringify(applied);

/** A parameter's file, as whoever carries a recipe out reads it. */
export const localFileOf = async (file: string): Promise<LocalFile> => ({
  path: file,
  name: path.basename(file),
  sha256: await digestOfFile(file),
});

/** A package whose script does not end. */
export const SLOW = [installed('lr-slow', {why: 'a test'})];

/** Waits until that script runs on a host, while it is installed there. */
export const inScript = async (target: Target, installing: Promise<Applied>): Promise<void> => {
  const waiting = runOn(target, 'until [ -e /run/lr-slow ]; do sleep 0.05; done; rm /run/lr-slow');
  const first = await Promise.race([installing, waiting.then(() => 'waited' as const)]);
  if (first !== 'waited') throw new Error(`it was over before its script ran: ${reasonOf(first)}`);
};

/** Ends all of a run whose folder lies in this one, as nothing can forbid. */
export const killIn = (
  folder: string,
): string => `for file in ${folder}/2*/guard ${folder}/2*/watch ${folder}/2*/carry; do
  [ ! -e "$file" ] || { read -r pid rest <"$file"; [ -z "$pid" ] || kill -KILL "-$pid" "$pid"; }
done 2>/dev/null`;
