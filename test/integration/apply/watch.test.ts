import test from 'ava';
import type {Change} from '../../../engine/model/change.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {confirmScript, startScript} from '../../../engine/plan/run/scripts.ts';
import type {RunSpec} from '../../../engine/plan/run/spec.ts';
import {commandChange, fileChange, PLAIN, runOf, SHORT} from '../../support/guarded-runs.ts';
import {inSandbox} from '../../support/sandbox.ts';

const LONG = {confirm: 600, step: 600, settle: 4, most: 900};

const sh = (script: string): string => `sh -c ${shellQuote(script)} >/mnt/answer\n`;

/** Shell words for what happens to this run: `kills guard`, `until_state undone`, `outcome`. */
const words = ({id}: RunSpec): string => `
D=/run/linerate/${id} V=/var/lib/linerate/runs/${id}
kills() { read -r pid rest <"$D/$1" && kill -KILL "$pid"; }
state() { for d in $D $V; do [ ! -e $d/state ] || { head -n 1 $d/state; return; }; done; }
until_it() { tries=0; until "$@" || [ "$tries" -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done; }
is() { [ "$(state)" = "$1" ]; }
lives() { read -r pid rest <"$D/$1" && kill -0 "$pid"; }
outcome() {
  state; cat /proc/sys/net/core/somaxconn; cat /etc/lr.conf 2>/dev/null; ls /etc/systemd/system/linerate-undo.service 2>/dev/null
  ls -A /run/linerate
}
echo 4096 >/proc/sys/net/core/somaxconn; echo 7200 >/proc/sys/net/ipv4/tcp_keepalive_time
`;

const UNDONE = 'undone\n4096\n';

test('a guard that is killed while nobody confirms is followed by another one, which undoes the run', (t) => {
  const run = runOf({changes: PLAIN, times: SHORT});
  const output = inSandbox(
    `${words(run)}${sh(startScript(run))}
    kills guard; until_it is undone; outcome; grep -v '^begin\\|^done' $V/log`,
  );
  t.is(
    output,
    `${UNDONE}awaiting 3
note the guard was killed, and another took its place
undo nobody confirmed it within 3 s
undone 1
undone 0
end undone
`,
  );
});

test('a run whose guard was killed can still be confirmed, and is made to last', (t) => {
  const run = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x\n')], times: LONG});
  const after = `kills guard; sleep 2; ${sh(confirmScript(run.id, 0))} until_it is confirmed; outcome`;
  t.is(inSandbox(`${words(run)}${sh(startScript(run))}${after}`), 'confirmed\n5001\nx\n');
});

test('confirmed in the very moment in which the guard is gone', (t) => {
  const run = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x\n')], times: LONG});
  const after = `kills guard; ${sh(confirmScript(run.id, 0))} until_it is confirmed; outcome`;
  t.is(inSandbox(`${words(run)}${sh(startScript(run))}${after}`), 'confirmed\n5001\nx\n');
});

test('the watch is killed: the guard undoes the run alone', (t) => {
  const run = runOf({changes: PLAIN, times: SHORT});
  t.is(
    inSandbox(`${words(run)}${sh(startScript(run))}until_it lives watch; kills watch; until_it is undone; outcome`),
    UNDONE,
  );
});

test('the guard and its watch are killed: the controller undoes it, or whoever asks', (t) => {
  const run = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x\n')], times: LONG});
  const after = `until_it lives watch; kills guard; kills watch; ${sh(confirmScript(run.id, 0))} until_it is confirmed; outcome`;
  t.is(inSandbox(`${words(run)}${sh(startScript(run))}${after}`), 'confirmed\n5001\nx\n');
});

/** Holds the run up where its undo or its lasting part has come to, until the guard that did so is dead. */
const WAITS = '[ -e /mnt/killed ] || { echo >/mnt/here; sleep 20; }';

test('a guard that is killed in the middle of its undo: another one ends it', (t) => {
  const slow: Change = commandChange('nic eth0 slow', ':', WAITS);
  const run = runOf({changes: [...PLAIN, slow], times: SHORT});
  const output = inSandbox(
    `${words(run)}${sh(startScript(run))}
    until_it test -e /mnt/here; kills guard; echo >/mnt/killed; until_it is undone; outcome; grep -c '^undo ' $V/log`,
  );
  t.is(output, `${UNDONE}2\n`);
});

test('a guard that is killed while it makes a run last: what is live stays, the files are as they were', (t) => {
  const slow: Change = {...commandChange('command slow', WAITS, ':'), layer: 'boot'};
  const run = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x\n'), slow], times: LONG});
  const output = inSandbox(
    `echo before >/etc/lr.conf
    ${words(run)}${sh(startScript(run))} { ${sh(confirmScript(run.id, 0))} } &
    until_it test -e /mnt/here; kills guard; echo >/mnt/killed; until_it is unpersisted; outcome; cat /run/linerate/unpersisted`,
  );
  t.is(output, `unpersisted\n5001\nbefore\nunpersisted\n${run.id}\n`);
});

test('while a watch stands in for a dead guard, the next run is refused', (t) => {
  const [run, next] = [runOf({changes: PLAIN, times: LONG}), runOf({changes: PLAIN})];
  const output = inSandbox(
    `${words(run)}${sh(startScript(run))}kills guard; ${sh(startScript(next))} cat /mnt/answer; state`,
  );
  t.is(output, `refused locked ${run.id}\nend\nawaiting\n`);
});

test('nobody of a run that is over stays behind', (t) => {
  const run = runOf({changes: PLAIN, times: LONG});
  const output = inSandbox(
    `${words(run)}${sh(startScript(run))}until_it lives watch; ${sh(confirmScript(run.id, 0))}
    gone() { ! pgrep -f "$D/run.sh"; }; until_it gone >/dev/null; pgrep -f "$D/run.sh"; outcome`,
  );
  t.is(output, 'confirmed\n5001\n');
});
