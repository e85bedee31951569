import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type {Target} from '../../../engine/effects/connection.ts';
import {connect} from '../../../engine/effects/connections/connect.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {
  withBanner,
  withBrokenShell,
  withFullDisk,
  withLoginShell,
  withNoisyProfile,
  without,
  withoutSys,
} from '../../support/lab/kinds.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {faultOn, hostAt, runOn} from '../../support/lab/runs.ts';

/** What is wrong with each host; the lab's first is a good one. */
const HOSTS = {
  good: {},
  banner: withBanner,
  noise: withNoisyProfile,
  'no sh': without('/usr/bin/sh'),
  'broken sh': withBrokenShell,
  rbash: withLoginShell('/bin/rbash'),
  nologin: withLoginShell('/usr/sbin/nologin'),
  'forced command': {sshd: ['ForceCommand printf "only\\033[31m this\\n"']},
  'echoing shell': {sshd: ['ForceCommand cat']},
  'no ethtool': without('/usr/sbin/ethtool'),
  'no /sys': withoutSys,
  'full disk': withFullDisk,
  'no login': {sshd: ['AuthorizedKeysFile none']},
  'no session': {sshd: ['MaxSessions 0']},
  'old ciphers': {sshd: ['Ciphers aes128-cbc']},
} satisfies Record<string, HostOptions>;
type Name = keyof typeof HOSTS;

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: Object.values(HOSTS)});
});

test.after.always(async () => lab?.stop());

const targetOf = (name: Name): Target & {via: 'ssh'} => hostAt(lab, Object.keys(HOSTS).indexOf(name)).target;

type Expected = {code: string; owner: Fault['owner']; says: RegExp};

const REFUSALS: readonly [Name, Expected][] = [
  ['no sh', {code: 'shell-missing', owner: 'host', says: /^h04 has no \/bin\/sh: .*No such file or directory$/}],
  ['broken sh', {code: 'shell-broken', owner: 'host', says: /^\/bin\/sh on h05 does not run: .*Exec format error/}],
  ['rbash', {code: 'shell-restricted', owner: 'host', says: /^the login shell on h06 is restricted .*restricted$/}],
  [
    'nologin',
    {
      code: 'shell-none',
      owner: 'host',
      says: /^h07 gave no shell \(exit 1\), only: This account is currently not available\.$/,
    },
  ],
  [
    'forced command',
    {code: 'shell-none', owner: 'host', says: /^h08 gave no shell \(exit 0\), only: only\\x1b\[31m this$/},
  ],
  [
    'no login',
    {
      code: 'ssh-auth',
      owner: 'unreachable',
      says: /^h13 \(198\.18\.\d+\.23\) refused the login: Permission denied \(publickey\)\.$/,
    },
  ],
  [
    'no session',
    {
      code: 'ssh-session-refused',
      owner: 'unreachable',
      says: /^h14 .* let us in but started no shell: channel 0: open failed/,
    },
  ],
  [
    'old ciphers',
    {
      code: 'ssh-negotiate',
      owner: 'unreachable',
      says: /^ssh and h15 .* have no algorithm in common: no matching cipher found/,
    },
  ],
];

for (const [name, expected] of REFUSALS)
  test(`a host with ${name} is told in one sentence`, async (t) => {
    const fault = await faultOn(targetOf(name));
    t.is(fault.code, expected.code, fault.message);
    t.is(fault.owner, expected.owner);
    t.regex(fault.message, expected.says);
    t.notRegex(fault.message, /\p{Cc}/u);
    t.is(fault.host, targetOf(name).name);
  });

test('a host that only echoes gives no shell, and its echo is not taken for an answer', async (t) => {
  const fault = await faultOn(targetOf('echoing shell'), 'exit 0', {timeoutMs: 1500});
  t.is(fault.code, 'shell-silent');
  t.is(fault.message, 'h09 gave no shell within 1.5 s');
});

const PROBE = 'f /proc/sys/kernel/hostname\nn /sys/class/net\nx ethtool ethtool --version';

for (const name of ['good', 'banner', 'noise', 'no ethtool', 'no /sys', 'full disk'] as const)
  test(`a host with ${name} answers the probe`, async (t) => {
    const target = targetOf(name);
    const answer = await runOn(target, probeScript([PROBE], {token: '@t', root: ''}));
    const frames = parseFrames(answer.stdout, '@t');
    t.true(frames.complete);
    t.is(frames.preamble, '');
    t.is(answer.stderr, '');
    t.is(frames.files.get('/proc/sys/kernel/hostname')?.trim(), target.name);
    t.is(frames.runs.get('ethtool')?.status, name === 'no ethtool' ? 127 : 0);
    if (name === 'no /sys') t.true(frames.absent.has('/sys/class/net'));
    else t.deepEqual(frames.lists.get('/sys/class/net'), ['eth0', 'lo']);
  });

test('a host that goes away in the middle of a script', async (t) => {
  const fault = await faultOn(targetOf('good'), 'echo begun; kill -KILL $PPID; sleep 5');
  t.is(fault.code, 'connection-dropped');
  t.is(fault.owner, 'unreachable');
  t.regex(
    fault.message,
    /^the shell on h01 went away in the middle of a script \(exit 255\): Connection to 198\S+ closed/,
  );
});

test('a changed host key is told with the file and line of the old one', async (t) => {
  const known = await readFile(path.join(lab.folder, 'known_hosts'), 'utf8');
  const keys = known
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(1).join(' '));
  const changed = path.join(lab.folder, 'known_hosts.changed');
  const target = targetOf('good');
  await writeFile(changed, `${target.address} ${keys[1] ?? ''}\n`);
  const fault = await faultOn({...target, arguments: ['-o', `UserKnownHostsFile=${changed}`, ...target.arguments]});
  t.is(fault.code, 'host-key-changed');
  t.is(fault.message, `the host key of h01 (${target.address}) is not the one known from ${changed}:1`);
  t.regex(fault.hint ?? '', /ssh-keygen -R/);
});

test('an unknown host key is not accepted, whether ssh asks or refuses', async (t) => {
  for (const policy of ['yes', 'ask']) {
    const target = targetOf('good');
    const none = ['-o', 'UserKnownHostsFile=/dev/null', '-o', `StrictHostKeyChecking=${policy}`];
    const fault = await faultOn({...target, arguments: [...none, ...target.arguments]});
    t.is(fault.code, 'host-key-unknown');
    t.regex(fault.hint ?? '', /^connect once by hand and compare its fingerprint: ssh 198\./);
  }
});

test('a host that is not there, refuses, or has no name', async (t) => {
  const base: Target & {via: 'ssh'} = {...targetOf('good'), connectTimeoutSeconds: 1};
  const nobody = base.address.replace(/\.\d+$/, '.250');
  const refused = await faultOn({...base, port: 1});
  t.is(refused.message, `h01 (${base.address}) refused the connection on port 1`);
  const missing = await faultOn({...base, name: 'gone', address: nobody});
  t.regex(missing.message, /^(?:gone \(.*\) did not answer in time|there is no way to gone \(.*\): No route to host)$/);
  const unnamed = await faultOn({...base, name: 'web', address: 'no-such-host.invalid'});
  t.is(unnamed.code, 'ssh-name');
  for (const fault of [refused, missing, unnamed]) t.is(fault.owner, 'unreachable');
});

test("a mistake in the ssh arguments is the user's", async (t) => {
  const target = targetOf('good');
  const fault = await faultOn({...target, arguments: ['-o', 'NoSuchOption=1']});
  t.is(fault.code, 'ssh-config');
  t.is(fault.owner, 'user');
  t.regex(fault.message, /Bad configuration option: nosuchoption/);
});

test('what is no address or user never reaches ssh', (t) => {
  const target = targetOf('good');
  for (const address of ['-oProxyCommand=id', '', 'a b', '$(id)', 'x`id`', 'host;id', 'a\u001b[0m'])
    t.is(t.throws(() => connect({...target, address}), {instanceOf: Fault})?.code, 'ssh-word');
  t.is(t.throws(() => connect({...target, user: '-v'}), {instanceOf: Fault})?.code, 'ssh-word');
  t.notThrows(() => connect({...target, address: 'fe80::1%eth0', user: String.raw`CORP\ops`}));
});
