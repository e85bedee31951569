import test from 'ava';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {services} from '../../../engine/facts/services.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {confirmScript, startScript} from '../../../engine/plan/run/scripts.ts';
import type {RunSpec} from '../../../engine/plan/run/spec.ts';
import {linerate, type CliAnswer} from '../../support/cli.ts';
import {commandChange, fileChange, PLAIN, runOf} from '../../support/guarded-runs.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {inSandbox} from '../../support/sandbox.ts';

/** Floors whose defaults go by the memory: what holds them now a plan takes to come back by itself after a reboot. */
const SETTINGS = JSON.stringify({
  linerate_settings: {
    'sysctl net.ipv4.tcp_max_tw_buckets': {atLeast: 3_000_000},
    'sysctl net.ipv4.tcp_max_syn_backlog': {atLeast: 300_000},
  },
});

const FILE = '/etc/sysctl.d/99-zz-linerate.conf';

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: [{prepare: 'mount -o bind /etc /etc && mount -o remount,bind,ro /etc'}]});
});

test.after.always(async () => {
  await lab?.stop();
});

const on = async (verb: string, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate([verb, '-i', lab.inventoryPath, '-e', SETTINGS, ...words]);

const onHost = async (script: string): Promise<string> => (await runOn(hostAt(lab, 0).target, script)).stdout;

test('what was confirmed while /etc was read-only is drift until a later run has made it last', async (t) => {
  const first = await on('apply', '--yes');
  t.is(first.status, 2, first.stderr);
  t.regex(first.stderr, /Read-only file system/);
  t.is(await onHost('cat /proc/sys/net/ipv4/tcp_max_tw_buckets'), '3000000\n');

  const drift = await on('verify');
  t.is(drift.status, 2);
  t.regex(drift.stdout, /sysctl net\/ipv4\/tcp_max_tw_buckets: /);

  await onHost('umount /etc');
  const second = await on('apply', '--yes');
  t.is(second.status, 0, second.stderr);
  const lines = (await onHost(`grep -v '^#' ${FILE} | sort`)).trim().split('\n');
  t.true(lines.includes('net.ipv4.tcp_max_syn_backlog = 300000'), lines.join('; '));
  t.true(lines.includes('net.ipv4.tcp_max_tw_buckets = 3000000'), lines.join('; '));

  t.is((await on('verify')).status, 0);
  const third = await on('apply', '--yes');
  t.notRegex(third.stdout, /changed=[1-9]/);
});

const sh = (script: string): string => `sh -c ${shellQuote(script)} >/mnt/answer\n`;

/** What the probe says is in no file, after shell words with these runs. */
const unpersistedAfter = (script: string): readonly string[] => {
  const probe = probeScript([services.script({sysctls: []})], {token: '@token', root: ''});
  return services.parse(parseFrames(inSandbox(`${script}\nsh`, probe), '@token')).own?.unpersisted ?? [];
};

const confirmed = (run: RunSpec): string => sh(startScript(run)) + sh(confirmScript(run.id, 0));

const CARRIED = ['sysctl net/core/somaxconn', 'mount /a path]'];
const lasting = {...fileChange('/etc/lr/lr.conf', 'x'), carries: CARRIED};
const READ_ONLY = 'mkdir /etc/lr && mount -t tmpfs -o ro none /etc/lr\n';

test('the probe tells what a run could not make last, and what the next run of an apply was to', (t) => {
  const [unkept, first] = [runOf({changes: PLAIN, lasting: [lasting]}), runOf({changes: PLAIN, more: ['sysctl a/b']})];
  t.deepEqual(unpersistedAfter(READ_ONLY + confirmed(unkept)), [...CARRIED].sort());
  t.deepEqual(unpersistedAfter(confirmed(first)), ['sysctl a/b']);
  t.deepEqual(unpersistedAfter(confirmed(runOf({changes: PLAIN, lasting: [lasting]}))), []);
});

test('a run that was killed while it wrote its files counts as one that could not', (t) => {
  const slow = {...commandChange('command slow', '[ -e /mnt/killed ] || { echo >/mnt/here; sleep 20; }', ':')};
  const [run, next] = [runOf({changes: PLAIN, lasting: [lasting, slow]}), runOf({changes: PLAIN})];
  // Who confirms it hears of its end too, and answers.
  const killed = `{ ${confirmed(run).replaceAll('/mnt/answer', '/mnt/confirmed')} } &
    until [ -e /mnt/here ]; do sleep 0.1; done
    for signal in STOP KILL; do for who in guard watch; do read -r pid rest </run/linerate/${run.id}/$who; kill -$signal $pid; done; done
    kill $!; ${sh(startScript(next))} grep -qx 'refused recovered ${run.id}' /mnt/answer || exit 7`;
  t.deepEqual(unpersistedAfter(killed), ['command slow', ...CARRIED].sort());
});

test('the second run of an apply, or a rollback of it, leaves nothing untold', (t) => {
  const id = '20261120T100000Z-abc';
  const first = runOf({id: `${id}-1`, changes: PLAIN, more: CARRIED});
  const other = runOf({id: '20261120T090000Z-abc-1', changes: PLAIN, more: ['sysctl a/b']});
  const second = runOf({id: `${id}-2`, lasting: [lasting]});
  const back = runOf({id: '20261120T110000Z-abc-1', changes: PLAIN, rollback: {apply: id, last: true}});
  const both = confirmed(other) + confirmed(first);
  t.deepEqual(unpersistedAfter(both + confirmed(second)), ['sysctl a/b']);
  t.deepEqual(unpersistedAfter(both + confirmed(back)), ['sysctl a/b']);
});
