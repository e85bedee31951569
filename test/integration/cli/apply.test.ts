import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {linerate, temporaryFolder, type CliAnswer} from '../../support/cli.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

/** Keys that a network namespace has of its own; all else of the plan is left out, since hosts here share one kernel. */
const SETTINGS = JSON.stringify({
  linerate_settings: {
    'sysctl net.ipv4.tcp_fin_timeout': 33,
    'sysctl net.ipv4.tcp_keepalive_time': 444,
    'sysctl net.core.somaxconn': 5000,
  },
});

const folder = temporaryFolder();
let lab: Lab;

test.before(async () => {
  lab = await startLab({
    hosts: [{}, {}, {prepare: 'mount -o remount,bind,ro /etc'}, {sshd: ['AllowUsers nobody']}, {}],
  });
});

test.after.always(async () => {
  await lab?.stop();
});

const apply = async (limit: string, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate(['apply', '-i', lab.inventoryPath, '-l', limit, '-e', SETTINGS, '--confirm-timeout', '5', ...words]);

const onHost = async (index: number, script: string): Promise<string> =>
  (await runOn(hostAt(lab, index).target, script)).stdout;

const VALUES =
  'cat /proc/sys/net/ipv4/tcp_fin_timeout /proc/sys/net/ipv4/tcp_keepalive_time /proc/sys/net/core/somaxconn';

/** All that a run could have touched: every readable network sysctl, and every file below /etc and /var/lib with its bytes. */
const STATE = String.raw`grep -r . /proc/sys/net/ipv4 /proc/sys/net/core 2>/dev/null | grep -v 'tcp_mem\|random\|route/flush'
find /etc /var/lib/linerate -type f -exec cksum {} + 2>/dev/null | sort`;

/** When any file of /etc or /var/lib/linerate was last written, to the nanosecond. */
const NEWEST = String.raw`find /etc /var/lib/linerate -printf '%C@ %p\n' | sort -n | tail -1`;

test.serial('--check shows the changes and writes nothing', async (t) => {
  const before = await onHost(0, STATE);
  const {status, stdout} = await apply('h01', '--check');
  t.is(status, 0);
  t.regex(stdout, /net\.ipv4\.tcp_fin_timeout\s+60\s+\S+\s+33/);
  t.is(await onHost(0, STATE), before);
});

test.serial('without a terminal and without --yes nothing is changed', async (t) => {
  const before = await onHost(0, STATE);
  const {status, stderr} = await apply('h01');
  t.is(status, 1);
  t.regex(stderr, /cannot ask "Apply these changes to 1 host\?"/);
  t.is(await onHost(0, STATE), before);
});

test.serial('a host is provisioned, for now and for the next boot', async (t) => {
  const {status, stdout, stderr} = await apply('h01', '--yes');
  t.is(status, 0, stderr);
  t.regex(stderr, /h01 .*confirming over a fresh connection/);
  t.regex(stdout, /h01 +: ok=\d+ {2}changed=\d+ {2}refused=0 {2}unreachable=0 {2}failed=0 {2}rolled-back=0/);
  t.is(await onHost(0, VALUES), '33\n444\n5000\n');
  t.regex(await onHost(0, 'cat /etc/sysctl.d/*linerate*'), /^net\.ipv4\.tcp_keepalive_time = 444$/m);
});

test.serial('a second run writes nothing at all', async (t) => {
  const before = await onHost(0, NEWEST);
  const {status, stdout} = await apply('h01', '--yes');
  t.is(status, 0);
  t.notRegex(stdout, /changed=[1-9]/);
  t.is(await onHost(0, NEWEST), before);
});

test.serial('verify finds no drift on it, and finds what somebody changes', async (t) => {
  const junit = path.join(folder, 'junit.xml');
  const prometheus = path.join(folder, 'linerate.prom');
  const words = ['verify', '-i', lab.inventoryPath, '-l', 'h01', '-e', SETTINGS];
  const verify = async (): Promise<CliAnswer> => linerate([...words, '--junit', junit, '--prometheus', prometheus]);
  const good = await verify();
  t.is(good.status, 0, good.stdout);
  t.regex(readFileSync(junit, 'utf8'), /<testsuites name="linerate verify" tests="\d+" failures="0"/);
  await onHost(0, 'echo 60 >/proc/sys/net/ipv4/tcp_fin_timeout');
  const bad = await verify();
  await onHost(0, 'echo 33 >/proc/sys/net/ipv4/tcp_fin_timeout');
  t.is(bad.status, 2);
  t.regex(bad.stdout, /drift +h01: 1 of \d+ settings\n +sysctl net\/ipv4\/tcp_fin_timeout: live 60, .*wanted 33/);
  t.regex(readFileSync(junit, 'utf8'), /failures="1"/);
  t.regex(readFileSync(prometheus, 'utf8'), /^linerate_host_read\{host="h01"\} 1$/m);
});

test.serial('a saved plan is applied as it was approved, and refused once the host has moved on', async (t) => {
  const plan = path.join(folder, 'plan.json');
  const made = ['-i', lab.inventoryPath, '-e', SETTINGS];
  t.is((await linerate(['diff', ...made, '-l', 'h05', '--out', plan])).status, 0);
  await onHost(4, 'echo 55 >/proc/sys/net/ipv4/tcp_fin_timeout');
  const before = await onHost(4, STATE);
  const stale = await linerate(['apply', plan, ...made, '--confirm-timeout', '5']);
  t.is(stale.status, 8, stale.stderr);
  t.regex(stale.stderr, /h05 has moved on since its plan was made/);
  t.is(await onHost(4, STATE), before);
  await onHost(4, 'echo 60 >/proc/sys/net/ipv4/tcp_fin_timeout');
  const edited = readFileSync(plan, 'utf8').replace('"want": "444"', '"want": "445"');
  writeFileSync(plan, edited);
  t.is((await linerate(['apply', plan, ...made])).status, 8, 'an edited plan is no approved one');
  writeFileSync(plan, edited.replace('"want": "445"', '"want": "444"'));
  const fresh = await linerate(['apply', plan, ...made, '--confirm-timeout', '5']);
  t.is(fresh.status, 0, fresh.stderr);
  t.is(await onHost(4, VALUES), '33\n444\n5000\n');
});

test.serial(
  'a host that cannot make it last and one that is unreachable do not hide the one that is done',
  async (t) => {
    const {status, stdout, stderr} = await apply('h01,h02,h03,h04', '--yes');
    t.is(status, 6, stderr);
    t.regex(stdout, /h02 +: .*changed=[1-9]\d* .*failed=0/);
    t.regex(stdout, /h01 +: ok=[1-9]\d* +changed=0/, 'a host with nothing to do is told too');
    t.regex(stdout, /h03 +: .*changed=[1-9]\d* .*failed=1/);
    t.regex(stdout, /h04 +: .*unreachable=1/);
    t.is(await onHost(1, VALUES), '33\n444\n5000\n');
    t.regex(stderr, /h03 file \/etc\/sysctl\.d\/99-zz-linerate\.conf failed: .*Read-only file system/);
    t.regex(stderr, /h03 sysctl net\/core\/somaxconn does not hold its value after a reboot/);
    t.is((await onHost(2, 'ls -A /etc/sysctl.d | grep -c linerate || true')).trim(), '0');
  },
);

test.serial('Ctrl-C before the confirmation leaves the host as it was', async (t) => {
  await onHost(1, 'echo 60 >/proc/sys/net/ipv4/tcp_fin_timeout');
  const before = await onHost(1, VALUES);
  const running = linerate(
    [
      'apply',
      '-i',
      lab.inventoryPath,
      '-l',
      'h02',
      '-e',
      SETTINGS,
      '--confirm-timeout',
      '30',
      '--yes',
      '--ssh-common-args',
      '-o ControlMaster=no',
    ],
    {
      started: (kill) => {
        void (async () => {
          // As soon as the value is written, and before the slow login of the confirmation is through.
          for (let tries = 0; tries < 600 && (await onHost(1, VALUES)) === before; tries++) await pause(10);
          kill('SIGINT');
        })();
      },
    },
  );
  const {status, stderr} = await running;
  const after = await onHost(1, VALUES);
  // The confirmation may have been quicker than the interrupt, which undoes nothing then, and says so.
  const stands = status === 0 || /h02 was interrupted after 1 of its runs had been confirmed/.test(stderr);
  t.true(status === 0 || status === 130, stderr);
  t.is(after, stands ? '33\n444\n5000\n' : before);
});
