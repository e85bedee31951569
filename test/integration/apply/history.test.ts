import test from 'ava';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {historyScripts, isUnfinished, parseHistory} from '../../../engine/plan/run/history.ts';
import {confirmScript, startScript} from '../../../engine/plan/run/scripts.ts';
import {fileChange, PLAIN, runOf} from '../../support/guarded-runs.ts';
import {inSandbox} from '../../support/sandbox.ts';

test('what the host keeps of its runs reads back', (t) => {
  const first = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x')]});
  const second = runOf({changes: PLAIN});
  const output = inSandbox(
    `${[startScript(first), confirmScript(first.id, 0), startScript(second)]
      .map((script) => `sh -c ${shellQuote(script)} >/mnt/answer\n`)
      .join('')}
    mkdir /var/lib/linerate/runs/other /var/lib/linerate/runs/broken
    echo '{"format":"linerate-run"' >/var/lib/linerate/runs/broken/run.json
    sh`,
    probeScript(historyScripts(), {token: '@token', root: ''}),
  );
  const journals = parseHistory(parseFrames(output, '@token'));
  t.deepEqual(
    journals.map((journal) => [journal.id, journal.state, journal.folder, isUnfinished(journal)]),
    [
      [first.id, 'confirmed', `/var/lib/linerate/runs/${first.id}`, false],
      [second.id, 'awaiting', `/run/linerate/${second.id}`, true],
    ],
  );
  t.like(journals[0], {by: first.by, at: first.at, digest: first.digest});
  t.deepEqual(
    journals[0]?.changes.map(({before, after}) => [before, after]),
    PLAIN.map(({before, after}) => [before, after]),
  );
});
