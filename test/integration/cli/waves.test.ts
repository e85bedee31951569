import {once} from 'node:events';
import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder, type CliAnswer, type CliOptions} from '../../support/cli.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

const settings = (timeout: number): string =>
  JSON.stringify({linerate_settings: {'sysctl net.ipv4.tcp_fin_timeout': timeout, 'sysctl net.core.somaxconn': 5000}});

// The value cannot be written there.
const FAILS: HostOptions = {
  prepare: `echo 60 >/run/lab/time
mount --bind /run/lab/time /proc/sys/net/ipv4/tcp_fin_timeout
mount -o remount,bind,ro /proc/sys/net/ipv4/tcp_fin_timeout`,
};

const folder = temporaryFolder();
let lab: Lab;
let server: Server;

test.before(async () => {
  lab = await startLab({hosts: [{}, {}, {}, {}, {}, FAILS, {sshd: ['AllowUsers nobody']}]});
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answers.shift() ?? 200).end('a page');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

test.after.always(async () => {
  server?.close();
  await lab?.stop();
});

/** What the health page has been asked for, and what it answers next. */
let asked: string[] = [];
let answers: number[] = [];

const apply = async (
  timeout: number,
  limit: string,
  words: readonly string[],
  options: CliOptions = {},
): Promise<CliAnswer> =>
  linerate(['apply', '-i', lab.inventoryPath, '-l', limit, '-e', settings(timeout), '--yes', ...words], options);

const onHost = async (name: string, script: string): Promise<string> => {
  const place = lab.hosts.findIndex((host) => host.name === name);
  return (await runOn(hostAt(lab, place).target, script)).stdout;
};

const timeoutOf = async (name: string): Promise<number> =>
  Number(await onHost(name, 'cat /proc/sys/net/ipv4/tcp_fin_timeout'));

const STATE = String.raw`grep -r . /proc/sys/net/ipv4 /proc/sys/net/core 2>/dev/null | grep -v 'tcp_mem\|udp_mem\|route/flush\|random'
find /etc -printf '%p %m %U %G %l\n' | sort
find /etc -type f -exec sha256sum {} + | sort`;

/** A file that commands of one apply add lines to. */
const logFile = (): string => {
  const file = path.join(folder, 'log');
  rmSync(file, {force: true});
  return file;
};

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];

const rowOf = (stdout: string, host: string): string =>
  new RegExp(`^${host} +: (.*)$`, 'm').exec(stdout.slice(stdout.lastIndexOf('RECAP')))?.[1] ?? '';

test.serial('a canary that is not healthy stops the rollout: the others are not begun', async (t) => {
  const before = await onHost('h02', STATE);
  const log = logFile();
  const check = `echo "$LINERATE_HOST $LINERATE_ADDRESS" >>${log}; echo it is ill >&2; exit 3`;
  const {status, stdout, stderr} = await apply(31, 'h01,h02,h03', [
    '--canary',
    '1',
    '--health-command',
    check,
    '--health-timeout',
    '1',
  ]);
  t.is(status, 2, stderr);
  t.is(await timeoutOf('h01'), 31, 'the canary is left as it is, to look at');
  t.is(await onHost('h02', STATE), before);
  t.regex(stderr, /^wave 1 of 2: h01$/m);
  t.notRegex(stderr, /wave 2/);
  t.regex(stderr, /h01 is not healthy: the health command ended with status 3: it is ill/);
  t.regex(rowOf(stdout, 'h01'), /changed=[1-9]\d* .*failed=1 {2}rolled-back=0 {2}unhealthy$/);
  t.is(rowOf(stdout, 'h02'), 'not begun');
  t.regex(stdout, /^stopped: h01 of the canary wave did not become healthy$/m);
  t.regex(stdout, /^2 hosts not begun, and as before: h02, h03$/m);
  t.deepEqual([...new Set(linesOf(log))], [`h01 ${hostAt(lab, 0).address}`]);
});

test.serial('--rollback-all-on-failure takes an unhealthy canary back', async (t) => {
  const before = await onHost('h02', STATE);
  const words = ['--canary', '1', '--health-command', 'false', '--health-timeout', '1', '--rollback-all-on-failure'];
  const {status, stdout, stderr} = await apply(32, 'h02,h03', words);
  t.is(status, 2, stderr);
  t.is(await onHost('h02', STATE), before);
  t.regex(stderr, /h02 20\S+ is rolled back: \d+ changes confirmed/);
  t.regex(rowOf(stdout, 'h02'), /failed=1 {2}rolled-back=1 {2}unhealthy$/);
  t.is(rowOf(stdout, 'h03'), 'not begun');
  t.regex(stdout, /^1 host rolled back: h02$/m);
});

test.serial('waves begin one after the other, each once the one before is healthy', async (t) => {
  const log = logFile();
  // What every host holds when the health of one is asked for.
  const check = `echo "$LINERATE_HOST" >>${log}`;
  const {status, stderr} = await apply(33, 'h01,h02,h03,h04,h05', [
    '--canary',
    '1',
    '--serial',
    '1,50%',
    '--health-command',
    check,
  ]);
  t.is(status, 0, stderr);
  const waves = stderr.match(/^wave .*$/gm);
  t.deepEqual(waves, ['wave 1 of 4: h01', 'wave 2 of 4: h02', 'wave 3 of 4: h03, h04', 'wave 4 of 4: h05']);
  const lines = linesOf(log);
  t.deepEqual(lines.slice(0, 2), ['h01', 'h02']);
  t.deepEqual(lines.slice(2, 4).toSorted(), ['h03', 'h04']);
  t.deepEqual(lines.slice(4), ['h05']);
  const second = stderr.indexOf('wave 2');
  t.true(stderr.indexOf('h01', stderr.indexOf('wave 1')) < second && stderr.indexOf('h02 ', second) > second);
  for (const host of ['h01', 'h02', 'h03', 'h04', 'h05']) t.is(await timeoutOf(host), 33);
});

test.serial('a health page is asked until it answers well', async (t) => {
  const {port} = server.address() as AddressInfo;
  [asked, answers] = [[], [503, 302, 204]];
  const url = `http://127.0.0.1:${String(port)}/{host}/{address}`;
  const {status, stderr} = await apply(34, 'h01', ['--health-url', url, '--health-timeout', '30']);
  t.is(status, 0, stderr);
  t.deepEqual(
    asked,
    Array.from({length: 3}, () => `/h01/${hostAt(lab, 0).address}`),
  );
});

test.serial('one host that fails takes all hosts back, and none of the later waves is begun', async (t) => {
  const before = await Promise.all(['h01', 'h02', 'h06', 'h03'].map(async (host) => onHost(host, STATE)));
  const {status, stdout, stderr} = await apply(35, 'h01,h02,h06,h03', ['--serial', '3', '--rollback-all-on-failure']);
  t.is(status, 2, stderr);
  const after = await Promise.all(['h01', 'h02', 'h06', 'h03'].map(async (host) => onHost(host, STATE)));
  t.deepEqual(after, before);
  t.regex(stdout, /^stopped: 1 of 3 hosts of the wave failed$/m);
  t.regex(stdout, /^2 hosts rolled back: h01, h02$/m);
  t.regex(rowOf(stdout, 'h01'), /failed=0 {2}rolled-back=1$/);
  t.regex(rowOf(stdout, 'h06'), /failed=1 {2}rolled-back=1$/);
  t.is(rowOf(stdout, 'h03'), 'not begun');
});

test.serial('a canary that fails stops the rollout, unless some may fail', async (t) => {
  const before = await onHost('h01', STATE);
  const {status, stdout, stderr} = await apply(36, 'h06,h01', ['--canary', '1']);
  t.is(status, 2, stderr);
  t.is(await onHost('h01', STATE), before);
  t.is(rowOf(stdout, 'h01'), 'not begun');
  t.regex(stdout, /^stopped: 1 of 1 hosts of the canary wave failed$/m);
  const tolerant = await apply(36, 'h06,h01', ['--canary', '1', '--max-fail-percentage', '100']);
  t.is(tolerant.status, 2, tolerant.stderr);
  t.is(await timeoutOf('h01'), 36);
});

test.serial('a host that cannot be read keeps a rollout of all or none from being begun', async (t) => {
  const before = await onHost('h01', STATE);
  const {status, stdout, stderr} = await apply(46, 'h01,h07', ['--rollback-all-on-failure']);
  t.is(status, 4, stderr);
  t.is(await onHost('h01', STATE), before);
  t.is(rowOf(stdout, 'h01'), 'not begun');
  t.regex(rowOf(stdout, 'h07'), /unreachable=1/);
  t.regex(stdout, /^stopped: 1 of 2 hosts could not be read$/m);
});

test.serial('a confirm command that fails undoes the host', async (t) => {
  const before = await onHost('h01', STATE);
  const {status, stderr} = await apply(37, 'h01', ['--confirm-command', 'echo "$LINERATE_HOST is mute" >&2; exit 1']);
  t.is(status, 2, stderr);
  t.regex(stderr, /rolled back: the confirm command ended with status 1: h01 is mute/);
  t.is(await onHost('h01', STATE), before);
  const well = await apply(37, 'h01', ['--confirm-command', 'test "$LINERATE_HOST" = h01']);
  t.is(well.status, 0, well.stderr);
  t.is(await timeoutOf('h01'), 37);
});

test.serial('what cannot work is refused before anything is changed', async (t) => {
  const empty = path.join(folder, 'empty');
  writeFileSync(empty, '# nobody\n');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--canary', '0'], /--canary 0 is neither a number of hosts nor a percentage/],
    [['--serial', '1,101%'], /--serial 101% is neither/],
    [['--health-url', 'ftp://{host}/'], /--health-url ftp:\/\/\{host\}\/ is neither http nor https/],
    [['--health-url', 'http://{port}/'], /has \{port\}, which stands for nothing/],
    [['--retry-file', path.join(folder, 'none', 'retry')], /cannot write --retry-file .*none is not there/],
    [['-l', `@${empty}`], /no host is chosen: \S+ is empty/],
    [['--take-over', 'cron'], /It must be tuned/],
  ];
  for (const [words, message] of cases) {
    const {status, stderr} = await apply(38, 'h01', words);
    t.is(status, 1, words.join(' '));
    t.regex(stderr, message);
  }
  t.is(await timeoutOf('h01'), 37);
});

test.serial('an interrupt between waves leaves the rest as it was, and says so', async (t) => {
  const before = await timeoutOf('h02');
  const log = logFile();
  // The command of the first wave's health check is what presses Ctrl-C.
  const {status, stdout, stderr} = await apply(39, 'h01,h02', [
    '--serial',
    '1',
    '--health-command',
    `echo asked >>${log}; kill -INT $PPID; sleep 30`,
  ]);
  t.is(status, 130, stderr);
  t.deepEqual(linesOf(log), ['asked']);
  t.is(await timeoutOf('h01'), 39);
  t.is(await timeoutOf('h02'), before);
  t.is(rowOf(stdout, 'h02'), 'not begun');
  t.regex(stdout, /^stopped: interrupted$/m);
});
