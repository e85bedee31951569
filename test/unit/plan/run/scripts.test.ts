import {spawnSync} from 'node:child_process';
import test from 'ava';
import {runFile} from '../../../../engine/plan/run/run-file.ts';
import {confirmScript, followScript, startScript, undoNowScript} from '../../../../engine/plan/run/scripts.ts';
import {fileChange, PLAIN, runOf} from '../../../support/guarded-runs.ts';
import {SHELLS} from '../../../support/sandbox.ts';

const RUN = runOf({changes: PLAIN, lasting: [fileChange("/etc/it's a file", 'one\ntwo')]});

for (const shell of SHELLS)
  test(`${shell} reads every script of a run`, (t) => {
    const scripts = [
      runFile(RUN),
      startScript(RUN),
      followScript(RUN.id, 3),
      confirmScript(RUN.id, 3),
      undoNowScript(RUN.id, 3, "it's"),
    ];
    for (const script of scripts) {
      const [command = '', ...words] = shell.split(' ');
      const {status, stderr} = spawnSync(command, [...words, '-n'], {input: script, encoding: 'utf8'});
      t.is(`${String(status)}${stderr}`, '0');
    }
  });

test('shellcheck finds nothing to warn of in a run', (t) => {
  const {stdout, error} = spawnSync('shellcheck', ['-S', 'warning', '-s', 'sh', '-'], {
    input: runFile(RUN),
    encoding: 'utf8',
  });
  t.is(error, undefined);
  t.is(stdout, '');
});
