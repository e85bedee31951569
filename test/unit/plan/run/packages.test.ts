import {spawnSync} from 'node:child_process';
import test from 'ava';
import type {Change, Step} from '../../../../engine/model/change.ts';
import {APT, POLICY} from '../../../../engine/plan/run/library-apt.ts';
import {DNF} from '../../../../engine/plan/run/library-dnf.ts';
import {PACKAGES} from '../../../../engine/plan/run/library-packages.ts';
import {runFile} from '../../../../engine/plan/run/run-file.ts';
import {packagePrograms, writesDisk} from '../../../../engine/plan/run/spec.ts';
import {stepCommand} from '../../../../engine/plan/run/steps.ts';
import {commandChange, PLAIN, runOf} from '../../../support/guarded-runs.ts';
import {inSandbox, SHELLS} from '../../../support/sandbox.ts';

const transaction = (program: 'apt' | 'dnf'): Step & {do: 'packages'} => ({
  do: 'packages',
  program,
  install: ['nginx=1:2~3', '/var/cache/linerate/abc/x.deb'],
  remove: ['exim4'],
  purge: ['telnetd'],
  exact: true,
});

const changeOf = (program: 'apt' | 'dnf'): Change => ({
  ...commandChange('package nginx', ':', ':'),
  steps: [transaction(program)],
  undo: [{do: 'packages-back', program}],
});

test('a transaction as a command of the run’s library', (t) => {
  t.is(
    stepCommand(transaction('apt')),
    "packages_apt exact '+nginx=1:2~3' +/var/cache/linerate/abc/x.deb -exim4 _telnetd",
  );
  t.is(stepCommand({...transaction('dnf'), install: [], purge: [], exact: false}), 'packages_dnf any -exim4');
  t.is(stepCommand({do: 'packages-back', program: 'dnf'}), 'packages_dnf_back');
});

test('a run brings what its packages need, and what they change is undone after a reboot too', (t) => {
  t.deepEqual([...packagePrograms(runOf({changes: [changeOf('apt')]}))], ['apt']);
  t.true(writesDisk(changeOf('apt')));
  t.false(runFile(runOf({changes: PLAIN})).includes('apt-get'));
  t.false(runFile(runOf({changes: [changeOf('dnf')]})).includes('apt-get'));
  t.true(runFile(runOf({changes: [changeOf('apt')]})).includes('DISK_UNDO=0'));
});

test('three shells read a run with packages, and shellcheck finds nothing to warn of', (t) => {
  const input = runFile(runOf({changes: [changeOf('apt'), changeOf('dnf')]}));
  for (const shell of SHELLS) {
    const [command = '', ...words] = shell.split(' ');
    const {status, stderr} = spawnSync(command, [...words, '-n'], {input, encoding: 'utf8'});
    t.is(`${String(status)}${stderr}`, '0');
  }
  // Alone, as the rest of a run costs shellcheck seconds: what it assigns and reads is not seen here.
  const words = ['-S', 'warning', '-e', 'SC2034,SC2154', '-s', 'sh', '-'];
  const {stdout, error} = spawnSync('shellcheck', words, {input: `${PACKAGES}${APT}${DNF}`, encoding: 'utf8'});
  t.is(error, undefined, 'shellcheck is there: linerate doctor --install');
  t.is(stdout, '');
});

test('while packages are installed what runs may be restarted, and nothing else may start', (t) => {
  const asked = [
    ['nginx.service', 'start'],
    ['nginx.service', 'restart'],
    ['nginx.service', 'stop'],
    ['ssh.service', 'restart'],
    ['ssh', 'start'],
    ['ss', 'start'],
  ];
  const ask = asked.map((words) => `sh /run/policy ${words.join(' ')}; printf '%s ' "$?"`).join('\n');
  const output = inSandbox(
    `cat >/run/policy; mkdir /run/linerate; echo ssh.service >/run/linerate/active\n${ask}\nrm /run/linerate/active\n${ask}`,
    POLICY,
  );
  // In turn with a list of what runs, and without one: at the next boot nothing runs yet.
  t.is(output.trim(), '101 101 0 0 0 101 101 101 0 101 101 101');
});
