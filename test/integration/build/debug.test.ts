import {existsSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {ROOT} from '../../support/cli.ts';
import {buildProgram, scratchFolder, stage} from '../../support/builds.ts';

test('a shell opens where a stage failed, with all that its script left, and nothing stays of it', async (t) => {
  const folder = path.join(scratchFolder(), 'store');
  const stages = [
    stage('a one', 'echo input >$OUT/file'),
    stage('a two', 'echo left-behind >note; cp $IN/one/file $OUT/half; false', {inputs: {one: 'a one'}}),
  ];
  const keys = ['# ', 'pwd; cat note $OUT/half; echo $IN; ls /linerate\r', 'script', 'exit 0\r'];
  const terminal = ['python3', path.join(ROOT, 'test/support/lab/on-terminal.py'), ...keys, '--'];
  const program = buildProgram(stages, folder, ['DEBUG_STAGES=yes', ...terminal]);
  t.is(await program.ended, 3);
  const said = program.lines.join('').replaceAll('\r', '');
  t.regex(said, /\/linerate\/work\nleft-behind\ninput\n\/linerate\/in\n/);
  t.regex(said, /"event":"failed","stage":"a two"/);
  t.true(existsSync(path.join(folder, 'failed', 'a_two.log')));
});
