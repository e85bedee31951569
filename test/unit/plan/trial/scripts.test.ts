import {spawnSync} from 'node:child_process';
import test from 'ava';
import {trialFile} from '../../../../engine/plan/trial/trial-file.ts';
import {
  dropTrialScript,
  keepTrialScript,
  startTrialScript,
  trialStatusScript,
  trialWrittenScript,
} from '../../../../engine/plan/trial/scripts.ts';
import type {TrialEntry, TrialSpec} from '../../../../engine/plan/trial/trial.ts';
import {TEMPLATES} from '../../../support/lasting.ts';
import {SHELLS} from '../../../support/sandbox.ts';

const ENTRIES: readonly TrialEntry[] = [
  {loader: 'grub', config: '/boot/grub/grub.cfg', linux: "/vmlinuz root=/dev/sda1 'quoted words'"},
  {loader: 'bls', copies: '/boot/loader/entries/0123-5.14.0-1.el9.x86_64.conf'},
  {loader: 'systemd-boot', copies: '/efi/loader/entries/arch.conf'},
];

const specOf = (entry: TrialEntry): TrialSpec => ({
  trial: {tries: "isolcpus=2-3 it's", entry, commandLine: 'root=/dev/sda1 isolcpus=2-3', lasting: [], carries: []},
  id: '20261120T092600Z-3f9a1c-3',
  host: 'h1',
  by: 'tester@controller',
  at: '2026-11-20T09:26:00Z',
  digest: 'd1',
  deadline: 300,
});

for (const shell of SHELLS)
  test(`${shell} reads every script of a trial`, (t) => {
    const {id} = specOf(ENTRIES[0] ?? {loader: 'bls', copies: ''});
    const scripts = [
      ...ENTRIES.map((entry) => startTrialScript(specOf(entry), TEMPLATES)),
      ...ENTRIES.map((entry) => trialFile(specOf(entry), TEMPLATES)),
      trialStatusScript(id, 3),
      keepTrialScript(id, 3),
      trialWrittenScript(id, 3),
      dropTrialScript(id, 3, "it's"),
    ];
    for (const script of scripts) {
      const [command = '', ...words] = shell.split(' ');
      const {status, stderr} = spawnSync(command, [...words, '-n'], {input: script, encoding: 'utf8'});
      t.is(`${String(status)}${stderr}`, '0');
    }
  });

test('shellcheck finds nothing to warn of in a trial', (t) => {
  // These two have all parts.
  for (const entry of ENTRIES.filter(({loader}) => loader !== 'bls')) {
    // What the file takes from a run's has parts that only a run uses.
    const {stdout, error} = spawnSync('shellcheck', ['-S', 'warning', '-e', 'SC2034', '-s', 'sh', '-'], {
      input: trialFile(specOf(entry), TEMPLATES),
      encoding: 'utf8',
    });
    t.is(error, undefined, 'shellcheck is there: linerate doctor --install');
    t.is(stdout, '', entry.loader);
  }
});

test('a script that names no run is none', (t) => {
  t.throws(() => keepTrialScript('../x', 0), {instanceOf: TypeError});
});
