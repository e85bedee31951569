import {spawnSync} from 'node:child_process';
import test from 'ava';
import type {Change, Step} from '../../../../engine/model/change.ts';
import {syncs} from '../../../../engine/plan/run/syncs.ts';
import {fileChange, runOf, sysctlChange} from '../../../support/guarded-runs.ts';

/** Each sync that is asked for, as its words; only folders of UNITS are there for a pattern. */
const asked = (changes: readonly Change[], lasting: readonly Change[] = []): readonly string[] => {
  const commands = syncs(runOf({changes, lasting})).join('\n');
  const {stdout} = spawnSync('sh', ['-c', `sync() { echo "$*"; }\n${commands}\n:`], {encoding: 'utf8'});
  return stdout.split('\n').filter((line) => line !== '');
};

const changeWith = (id: string, ...steps: readonly Step[]): Change => ({...fileChange('/x', ''), id, steps});

test('a file goes with each folder that leads to it, once', (t) => {
  const [words = ''] = asked([], [fileChange('/etc/linerate/a.conf', ''), fileChange('/etc/linerate/b/c.conf', '')]);
  t.deepEqual(words.split(' ').toSorted(), [
    '/etc',
    '/etc/linerate',
    '/etc/linerate/a.conf',
    '/etc/linerate/b',
    '/etc/linerate/b/c.conf',
  ]);
});

test('values of the kernel cost no sync', (t) => {
  t.deepEqual(asked([sysctlChange('net/core/somaxconn', '4096', '5001')]), []);
});

test('links that systemctl makes are synced by the folders of units', (t) => {
  const enable = changeWith('command systemctl enable', {do: 'run', argv: ['systemctl', 'enable', 'one.service']});
  t.regex(asked([], [enable]).join('\n'), /^\/etc\/systemd\/system \S*\.wants/);
});

test('what packages and other programs write is synced by file systems, a service that is restarted is not', (t) => {
  const packages: Step = {do: 'packages', program: 'apt', install: ['nginx'], remove: [], purge: [], exact: true};
  t.regex(asked([changeWith('package nginx', packages)]).join('\n'), /^-f \/ \/usr \/var /);
  t.regex(asked([], [changeWith('file /x', {do: 'run', argv: ['update-grub']})]).join('\n'), /^-f \//);
  t.deepEqual(asked([changeWith('sysctl a/b', {do: 'run', argv: ['modprobe', 'tcp_bbr']})]), []);
});
