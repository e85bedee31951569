import test from 'ava';
import {linerate, type CliAnswer} from '../../support/cli.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {startTuned} from '../../support/tuned.ts';

const SETTINGS = JSON.stringify({
  linerate_settings: {
    'sysctl net.ipv4.tcp_fin_timeout': 33,
    'sysctl net.ipv4.tcp_keepalive_time': 444,
    'sysctl net.core.somaxconn': 5000,
  },
});

let lab: Lab;

const onHost = async (script: string): Promise<string> => {
  const {stdout, stderr, status} = await runOn(hostAt(lab, 0).target, script, {timeoutMs: 60_000});
  if (status !== 0) throw new Error(`status ${String(status)}: ${stdout}${stderr}`);
  return stdout;
};

test.before(async () => {
  lab = await startLab({hosts: 1});
  await onHost(startTuned({'net.ipv4.tcp_fin_timeout': 44, 'net.core.somaxconn': 3000}));
});

test.after.always(async () => {
  await lab?.stop();
});

const on = async (command: string, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate([command, '-i', lab.inventoryPath, ...words]);

const VALUES = `cd /proc/sys/net && cat ipv4/tcp_fin_timeout ipv4/tcp_keepalive_time core/somaxconn`;
const RUNNING = `grep -lx tuned /proc/[0-9]*/comm 2>/dev/null | grep -c . || :`;

test.serial('TuneD runs, has set its values, and is told as a conflict', async (t) => {
  t.is(await onHost(RUNNING), '1\n');
  t.is(await onHost(VALUES), '44\n7200\n3000\n');
  const {stdout} = await on('diff', '-e', SETTINGS);
  t.regex(stdout, /TuneD is active with profile lab/);
});

test.serial('--take-over stops it first, and plans the host anew from what that puts back', async (t) => {
  const {status, stdout, stderr} = await on('apply', '-e', SETTINGS, '--take-over', 'tuned', '--yes');
  t.regex(stdout, /tuned +running +\S+ +stopped/);
  t.is(await onHost(RUNNING), '0\n', stderr);
  t.is(await onHost(VALUES), '33\n444\n5000\n');
  t.is(status, 0, stderr);
  const history = await on('history', '--json');
  const {hosts} = JSON.parse(history.stdout) as {
    hosts: {runs: {changes: {id: string; before?: string; after: string}[]}[]}[];
  };
  const runs = hosts[0]?.runs.map(({changes}) =>
    changes.map(({id, before, after}) => `${id}: ${before ?? ''} ${after}`),
  );
  t.deepEqual(runs?.[0], ['service tuned: running stopped'], 'a run of its own');
  t.true(runs?.[1]?.includes('sysctl net/ipv4/tcp_fin_timeout: 60 33'), 'what it had found, and not what it had set');
});

test.serial('a second run finds nothing to do', async (t) => {
  const {status, stdout} = await on('apply', '-e', SETTINGS, '--take-over', 'tuned', '--yes');
  t.is(status, 0);
  t.regex(stdout, /changed=0/);
});

test.serial(
  'a rollback brings it back last of all, so that it finds what it had found, and sets what it had set',
  async (t) => {
    const {status, stderr} = await on('rollback', '--yes');
    t.is(status, 0, stderr);
    t.is(await onHost(RUNNING), '1\n');
    t.is(await onHost(VALUES), '44\n7200\n3000\n');
    await onHost('service tuned stop');
    t.is(await onHost(VALUES), '60\n7200\n4096\n', 'what it puts back when it stops is what was there before it');
  },
);
