import test from 'ava';
import {linerate, type CliAnswer} from '../../support/cli.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

/** Keys and queues that a network namespace has of its own. */
const SETTINGS = JSON.stringify({
  linerate_settings: {
    'sysctl net.ipv4.tcp_fin_timeout': 33,
    'sysctl net.ipv4.tcp_keepalive_time': 444,
    'sysctl net.core.somaxconn': 5000,
    'nic eth0 txqueuelen': 777,
    'queue eth0 rx-0 rps': '1',
    'queue eth0 rx-0 rfs': '64',
  },
});

/** The first host has a boot file of linerate's already, with a mode and an owner that no run would give it. */
const EARLIER = String.raw`printf '# mine\nnet.core.somaxconn = 4999' >/etc/sysctl.d/99-zz-linerate.conf
chown 12:34 /etc/sysctl.d/99-zz-linerate.conf
chmod 640 /etc/sysctl.d/99-zz-linerate.conf
touch -d '2020-01-02 03:04:05' /etc/sysctl.d/99-zz-linerate.conf
echo 61 >/proc/sys/net/ipv4/tcp_fin_timeout`;

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: [{prepare: EARLIER}, {}, {}]});
});

test.after.always(async () => {
  await lab?.stop();
});

const on = async (command: string, limit: string, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate([command, '-i', lab.inventoryPath, '-l', limit, ...words]);

const apply = async (limit: string): Promise<CliAnswer> => on('apply', limit, '-e', SETTINGS, '--yes');

const onHost = async (index: number, script: string): Promise<string> =>
  (await runOn(hostAt(lab, index).target, script)).stdout;

/**
 * All of /proc/sys/net, the NIC's queues and queue length, and every file and folder of /etc with bytes, mode, owner and,
 * of files, times. Left out is what counts or is drawn anew: memory in use, random seeds, and what acts when it is read.
 */
const STATE = String.raw`cd /
grep -r . /proc/sys/net 2>/dev/null | grep -v 'tcp_mem\|udp_mem\|stable_secret\|route/flush\|nf_conntrack_count' | sort
grep -r . /sys/class/net/eth0/queues /sys/class/net/eth0/tx_queue_len 2>/dev/null | grep -v 'dql\|inflight\|byte_queue_limits/stall' | sort
find /etc -type f -printf '%p %m %U %G %T@\n' | sort
find /etc ! -type f -printf '%p %m %U %G %l\n' | sort
find /etc -type f -exec sha256sum {} + | sort`;

/** When anything of /etc or the journals was last written, to the nanosecond. */
const NEWEST = String.raw`find /etc /var/lib/linerate /run/linerate -printf '%C@ %p\n' | sort -n | tail -1`;

let before = '';

test.serial('what an apply found comes back exactly: values, queues, files with mode, owner and times', async (t) => {
  before = await onHost(0, STATE);
  t.true(before.includes('99-zz-linerate.conf 640 12 34'));
  const applied = await apply('h01');
  t.is(applied.status, 0, applied.stderr);
  const changed = await onHost(0, STATE);
  t.regex(changed, /^\/proc\/sys\/net\/ipv4\/tcp_fin_timeout:33$/m);
  t.regex(changed, /rps_flow_cnt:64$/m);
  t.regex(changed, /tx_queue_len:777$/m);
  t.false(changed.includes('99-zz-linerate.conf 640 12 34'));

  const {status, stdout, stderr} = await on('rollback', 'h01', '--yes');
  t.is(status, 0, stderr);
  t.regex(stdout, /sysctl net\/ipv4\/tcp_fin_timeout: 33 → 61/);
  t.regex(stderr, /h01 .*confirming over a fresh connection/);
  t.is(await onHost(0, STATE), before);
});

test.serial('a second rollback does nothing, and says who has done it', async (t) => {
  const newest = await onHost(0, NEWEST);
  const {status, stdout} = await on('rollback', 'h01', '--yes');
  t.is(status, 0);
  t.regex(stdout, /nothing to do: \S+ was rolled back by \S+/);
  t.is(await onHost(0, NEWEST), newest);
});

test.serial('the history tells both runs, and one of them in full', async (t) => {
  const {status, stdout} = await on('history', 'h01');
  t.is(status, 0);
  const lines = stdout.trim().split('\n');
  t.is(lines.length, 3);
  t.regex(lines[1] ?? '', /-1 {2}20\S+Z {2}root@\S+ from 198\.18\.\S+ {2}\d+ changes {2}rolled back by 20\S+/);
  t.regex(lines[2] ?? '', /-1 {2}.*rolls back 20\S+ {2}confirmed$/);
  const id = /20\S+-1/.exec(lines[1] ?? '')?.[0] ?? '';
  const full = await on('history', 'h01', '--run', id);
  t.is(full.status, 0);
  t.regex(full.stdout, /^ {4}sysctl net\/ipv4\/tcp_fin_timeout: 61 → 33$/m);
  t.regex(full.stdout, /^ {4}done sysctl net\/ipv4\/tcp_fin_timeout$/m);
  const json = await on('history', 'h01', '--json');
  const parsed = JSON.parse(json.stdout) as {hosts: {host: string; runs: {id: string; rolledBackBy?: string}[]}[]};
  t.is(parsed.hosts[0]?.runs[0]?.id, id);
  t.is(typeof parsed.hosts[0]?.runs[0]?.rolledBackBy, 'string');
});

test.serial('a rollback can itself be taken back', async (t) => {
  const history = await on('history', 'h01', '--json');
  const {hosts} = JSON.parse(history.stdout) as {hosts: {runs: {id: string}[]}[]};
  const {status, stderr} = await on('rollback', 'h01', '--yes', '--run', hosts[0]?.runs[1]?.id ?? '');
  t.is(status, 0, stderr);
  t.regex(await onHost(0, STATE), /^\/proc\/sys\/net\/ipv4\/tcp_fin_timeout:33$/m);
  t.regex(await onHost(0, 'cat /etc/sysctl.d/99-zz-linerate.conf'), /tcp_keepalive_time = 444/);
});

test.serial('what somebody else has changed since is refused with both values, unless forced', async (t) => {
  const clean = await onHost(1, STATE);
  t.is((await apply('h02')).status, 0);
  await onHost(1, 'echo 77 >/proc/sys/net/ipv4/tcp_fin_timeout; echo "# theirs" >>/etc/sysctl.d/99-zz-linerate.conf');
  const theirs = await onHost(1, STATE);
  const refused = await on('rollback', 'h02', '--yes');
  t.is(refused.status, 8, refused.stderr);
  t.regex(refused.stdout, /sysctl net\/ipv4\/tcp_fin_timeout: the run found "60" and left "33", and now it is "77"/);
  t.regex(refused.stdout, /file \/etc\/sysctl\.d\/99-zz-linerate\.conf: the run found "absent" and left "file \S+ 644/);
  t.is(await onHost(1, STATE), theirs);
  const forced = await on('rollback', 'h02', '--yes', '--force');
  t.is(forced.status, 0, forced.stderr);
  t.is(await onHost(1, STATE), clean);
});

test.serial('a host without runs has nothing to roll back, and an unknown run is said to be one', async (t) => {
  const none = await on('rollback', 'h03', '--yes');
  t.is(none.status, 0);
  t.regex(none.stdout, /h03 nothing to roll back/);
  const unknown = await on('rollback', 'h03', '--yes', '--run', '20200101T000000Z-000000');
  t.is(unknown.status, 1);
  t.regex(unknown.stderr, /the host keeps no run 20200101T000000Z-000000/);
  const history = await on('history', 'h03');
  t.is(history.status, 0);
  t.regex(history.stdout, /no runs/);
});

test.serial('a rollback that does not hold undoes itself, is a failure, and can be done again', async (t) => {
  t.is((await apply('h03')).status, 0);
  // Somebody who sets the value again and again: what is read back is not what was written.
  const other = await onHost(
    2,
    `(while :; do echo 77 >/proc/sys/net/ipv4/tcp_fin_timeout; sleep 0.02; done) >/dev/null 2>&1 &
    sleep 0.1
    echo $!`,
  );
  const theirs = await onHost(2, STATE);
  const {status, stderr} = await on('rollback', 'h03', '--yes', '--force');
  await onHost(2, `kill ${other.trim()}`);
  t.is(status, 2, stderr);
  t.regex(stderr, /sysctl net\/ipv4\/tcp_fin_timeout was to hold 60 and holds 77/);
  t.is(await onHost(2, STATE), theirs);
  const history = await on('history', 'h03');
  t.regex(history.stdout, /rolls back \S+ {2}undone: sysctl net\/ipv4\/tcp_fin_timeout holds "77", not "60"/);
  await onHost(2, 'echo 33 >/proc/sys/net/ipv4/tcp_fin_timeout');
  const again = await on('rollback', 'h03', '--yes');
  t.is(again.status, 0, again.stderr);
  t.regex(await onHost(2, STATE), /^\/proc\/sys\/net\/ipv4\/tcp_fin_timeout:60$/m);
});
