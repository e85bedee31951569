import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder, type CliAnswer} from '../../support/cli.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {watchWrites, writesSince} from '../../support/lab/writes.ts';

/** Keys and queues that a network namespace has of its own. */
const SETTINGS = JSON.stringify({
  linerate_settings: {
    'sysctl net.ipv4.tcp_fin_timeout': 33,
    'sysctl net.ipv4.tcp_keepalive_time': 444,
    'sysctl net.core.somaxconn': 5000,
    'nic eth0 txqueuelen': 777,
    'queue eth0 rx-0 rps': '1',
  },
});

const UNREACHABLE: HostOptions = {prepare: 'ip link set eth0 down'};

// The kernel refuses the value in the middle of the run, when others are written already.
const FAILS: HostOptions = {
  prepare: `echo 7200 >/run/lab/time
mount --bind /run/lab/time /proc/sys/net/ipv4/tcp_keepalive_time
mount -o remount,bind,ro /proc/sys/net/ipv4/tcp_keepalive_time`,
};

const READ_ONLY: HostOptions = {prepare: 'mount -o remount,bind,ro /etc'};

const WELL = 17;
const [UNREACHABLE_AT, FAILS_AT, READ_ONLY_AT] = [4, 9, 14] as const;
const TROUBLED: ReadonlyMap<number, HostOptions> = new Map([
  [UNREACHABLE_AT, UNREACHABLE],
  [FAILS_AT, FAILS],
  [READ_ONLY_AT, READ_ONLY],
]);
const PLACES = Array.from({length: WELL + TROUBLED.size}, (_, place) => place);
const WELL_PLACES = PLACES.filter((place) => !TROUBLED.has(place));

const folder = temporaryFolder();
let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: PLACES.map((place) => TROUBLED.get(place) ?? {})});
});

test.after.always(async () => {
  await lab?.stop();
});

const nameOf = (place: number): string => hostAt(lab, place).name;

const apply = async (...words: readonly string[]): Promise<CliAnswer> =>
  linerate(['apply', '-i', lab.inventoryPath, '-e', SETTINGS, '-T', '5', ...words]);

const onHost = async (place: number, script: string): Promise<string> =>
  (await runOn(hostAt(lab, place).target, script)).stdout;

const onEach = async <T>(places: readonly number[], ask: (place: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(places.map(ask));

const VALUES = `cd /proc/sys/net && cat ipv4/tcp_fin_timeout ipv4/tcp_keepalive_time core/somaxconn
cat /sys/class/net/eth0/tx_queue_len /sys/class/net/eth0/queues/rx-0/rps_cpus`;

const WANTED = /^33\n444\n5000\n777\n0*1\n$/;

/** All that an apply may change; what counts or is drawn anew by itself is left out. */
const STATE = String.raw`grep -r . /proc/sys/net 2>/dev/null | grep -v 'tcp_mem\|udp_mem\|stable_secret\|route/flush\|nf_conntrack_count' | sort
grep -r . /sys/class/net/eth0/queues /sys/class/net/eth0/tx_queue_len 2>/dev/null | grep -v 'dql\|inflight\|byte_queue_limits/stall' | sort
find /etc -printf '%p %m %U %G %l\n' | sort
find /etc -type f -exec sha256sum {} + | sort`;

/** The recap's rows by host: `ok=3  changed=5  …`. */
const recapOf = (stdout: string): ReadonlyMap<string, string> => {
  const rows = stdout.slice(stdout.lastIndexOf('RECAP\n')).matchAll(/^(\S+) +: (.*)$/gm);
  return new Map(Array.from(rows, ([, host = '', row = '']) => [host, row]));
};

const retryFile = path.join(folder, 'retry');

test.serial('a dry run of twenty hosts writes nothing on any of them', async (t) => {
  const reachable = PLACES.filter((place) => place !== UNREACHABLE_AT);
  await onEach(reachable, async (place) => watchWrites(hostAt(lab, place).target));
  const {status, stdout} = await apply('--check');
  const written = await onEach(reachable, async (place) => writesSince(hostAt(lab, place).target));
  t.is(status, 4);
  t.regex(stdout, /net\.ipv4\.tcp_fin_timeout\s+60\s+\S+\s+33/);
  t.deepEqual(written.flat(), []);
});

test.serial('what watches for writes sees them, also below /proc and /sys', async (t) => {
  await watchWrites(hostAt(lab, 0).target);
  await onHost(
    0,
    'cd /proc/sys/net/core && cat somaxconn >value 2>/dev/null; echo 4096 >somaxconn; echo 1500 >/sys/class/net/eth0/mtu; touch /etc/new',
  );
  const written = (await writesSince(hostAt(lab, 0).target)).join('\n');
  await onHost(0, 'rm /etc/new');
  t.regex(written, /^wrote \/proc\/sys\/net\/core\/somaxconn /m);
  t.regex(written, /^wrote \/sys\/.*\/eth0\/mtu /m);
  t.regex(written, /^changed \/etc\/new$/m);
});

test.serial(
  'one unreachable host, one that fails in the middle and one with a read-only /etc: 17 are done',
  async (t) => {
    const before = await onHost(FAILS_AT, STATE);
    const {status, stdout, stderr} = await apply('--yes', '--retry-file', retryFile);
    t.is(status, 6, stderr);

    const recap = recapOf(stdout);
    t.is(recap.size, PLACES.length, 'every host has its row');
    for (const place of WELL_PLACES) {
      t.regex(recap.get(nameOf(place)) ?? '', /changed=[1-9]\d* .*unreachable=0 {2}failed=0 {2}rolled-back=0$/);
    }
    t.regex(recap.get(nameOf(UNREACHABLE_AT)) ?? '', /^ok=0 {2}changed=0 {2}refused=0 {2}unreachable=1 {2}failed=0/);
    t.regex(recap.get(nameOf(FAILS_AT)) ?? '', /unreachable=0 {2}failed=1 {2}rolled-back=1$/);
    t.regex(recap.get(nameOf(READ_ONLY_AT)) ?? '', /unreachable=0 {2}failed=1 {2}rolled-back=0$/);
    const troubled = [...TROUBLED.keys()].map(nameOf);
    t.is(readFileSync(retryFile, 'utf8'), `${troubled.join('\n')}\n`);
    t.regex(stdout, /^to try 3 hosts again: --limit @\S+\/retry$/m);

    for (const values of await onEach(WELL_PLACES, async (place) => onHost(place, VALUES))) t.regex(values, WANTED);
    const files = await onEach(WELL_PLACES, async (place) => onHost(place, 'cat /etc/sysctl.d/99-zz-linerate.conf'));
    for (const file of files) t.regex(file, /^net\.ipv4\.tcp_keepalive_time = 444$/m);

    t.is(await onHost(FAILS_AT, STATE), before, 'not a trace of what was written before the failure');
    const log = await onHost(FAILS_AT, 'cat /run/linerate/*/log /var/lib/linerate/runs/*/log 2>/dev/null');
    t.regex(log, /^done \d+$/m, 'it failed after other steps had been done');
    t.regex(log, /^failed \d+ .*tcp_keepalive_time/m);
    t.notRegex(log, /^undo-failed/m, 'what refused the new value still holds the old one');
    t.regex(await onHost(READ_ONLY_AT, VALUES), WANTED, 'all of the live values, as its journal says');
    t.is(await onHost(READ_ONLY_AT, 'find /etc -iname "*linerate*"'), '', 'and none of the files');
    t.regex(stderr, new RegExp(`${nameOf(READ_ONLY_AT)} .*failed: .*Read-only file system`));
  },
);

test.serial('a second run writes nothing on the hosts that are done', async (t) => {
  await onEach(WELL_PLACES, async (place) => watchWrites(hostAt(lab, place).target));
  const {status, stdout} = await apply('--yes', '-l', WELL_PLACES.map(nameOf).join(','));
  const written = await onEach(WELL_PLACES, async (place) => writesSince(hostAt(lab, place).target));
  t.is(status, 0);
  const recap = recapOf(stdout);
  t.is(recap.size, WELL);
  for (const row of recap.values())
    t.regex(row, /changed=0 {2}refused=\d+ {2}unreachable=0 {2}failed=0 {2}rolled-back=0$/);
  t.deepEqual(written.flat(), []);
});

test.serial('once the hosts are mended, the retry file alone brings them there', async (t) => {
  await onHost(FAILS_AT, 'umount /proc/sys/net/ipv4/tcp_keepalive_time');
  await onHost(READ_ONLY_AT, 'mount -o remount,bind,rw /etc');
  const hosts = readFileSync(retryFile, 'utf8')
    .split('\n')
    .filter((host) => host !== nameOf(UNREACHABLE_AT));
  t.deepEqual(hosts, [nameOf(FAILS_AT), nameOf(READ_ONLY_AT), '']);
  const {status, stdout, stderr} = await apply(
    '--yes',
    '-l',
    `@${retryFile}`,
    '-l',
    `!${nameOf(UNREACHABLE_AT)}`,
    '--retry-file',
    retryFile,
  );
  t.is(status, 0, stderr);
  t.is(recapOf(stdout).size, 2);
  t.throws(() => readFileSync(retryFile), {code: 'ENOENT'});
  for (const place of [FAILS_AT, READ_ONLY_AT]) {
    t.regex(await onHost(place, VALUES), WANTED);
    t.regex(await onHost(place, 'cat /etc/sysctl.d/99-zz-linerate.conf'), /^net\.core\.somaxconn = 5000$/m);
  }
});
