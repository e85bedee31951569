import path from 'node:path';
import test from 'ava';
import {shellJoin} from '../../../engine/model/shell.ts';
import {ROOT} from '../../support/cli.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

const TERMINAL = path.join(ROOT, 'test/support/lab/on-terminal.py');
const KEEP = 'press y within';

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: 1});
});

test.after.always(async () => {
  await lab?.stop();
});

type Said = {status: number; said: string};

const onHost = async (script: string): Promise<Said> => {
  const {stdout, stderr, status} = await runOn(hostAt(lab, 0).target, script);
  return {status, said: stdout + stderr};
};

/** `linerate apply` on the very host that it provisions. */
const words = (setting: object, more: readonly string[]): readonly string[] => [
  path.join(ROOT, 'linerate'),
  'apply',
  '-e',
  JSON.stringify({linerate_settings: setting}),
  ...more,
];

const apply = async (setting: object, ...more: readonly string[]): Promise<Said> =>
  onHost(`cd /root && ${shellJoin(words(setting, more))} </dev/null`);

/** The same on a terminal, where somebody types keys when a text has come, one pair after the other. */
const applyAt = async (typing: readonly string[], setting: object, ...more: readonly string[]): Promise<Said> =>
  onHost(`cd /root && ${shellJoin(['python3', TERMINAL, ...typing, '--', ...words(setting, more)])}`);

const mtu = async (): Promise<string> => (await onHost('cat /sys/class/net/eth0/mtu')).said.trim();

test.serial('changes that cut nobody off are read back, and that is enough', async (t) => {
  const {status, said} = await apply({'sysctl net.ipv4.tcp_fin_timeout': 31}, '--yes');
  t.is(status, 0, said);
  t.is((await onHost('cat /proc/sys/net/ipv4/tcp_fin_timeout')).said, '31\n');
});

test.serial('without anybody to ask, what may cut somebody off is refused before anything is changed', async (t) => {
  const before = await onHost('ls -A /run/linerate /var/lib/linerate/runs');
  const {status, said} = await apply({'nic eth0 mtu': 1400}, '--yes');
  t.is(status, 1);
  t.regex(said, /the changes may cut off who works on localhost, and nobody is there to say that they did not/);
  t.regex(said, /hint: --confirm-command CMD confirms with status 0/);
  t.is(await mtu(), '1500');
  t.deepEqual(await onHost('ls -A /run/linerate /var/lib/linerate/runs'), before);
});

test.serial('a confirm command takes the place of a person', async (t) => {
  const bad = await apply({'nic eth0 mtu': 1400}, '--yes', '--confirm-command', 'echo no answer >&2; false');
  t.is(bad.status, 2, bad.said);
  t.regex(bad.said, /rolled back: the confirm command ended with status 1: no answer/);
  t.is(await mtu(), '1500');
  const good = await apply(
    {'nic eth0 mtu': 1400},
    '--yes',
    '--confirm-command',
    'grep -q 1400 /sys/class/net/eth0/mtu',
  );
  t.is(good.status, 0, good.said);
  t.is(await mtu(), '1400');
});

test.serial('on a terminal, y keeps the changes', async (t) => {
  const {status, said} = await applyAt([KEEP, 'y'], {'nic eth0 mtu': 1410}, '--yes');
  t.is(status, 0, said);
  t.regex(said, /keep these changes\? press y within \d+ s, or else they are undone/);
  t.is(await mtu(), '1410');
});

test.serial('on a terminal, n takes them back', async (t) => {
  const {status, said} = await applyAt([KEEP, 'n'], {'nic eth0 mtu': 1420}, '--yes');
  t.is(status, 2, said);
  t.regex(said, /rolled back: nobody said that it shall be kept/);
  t.is(await mtu(), '1410');
});

test.serial('on a terminal, nothing said takes them back when the time is up', async (t) => {
  const {status, said} = await applyAt([], {'nic eth0 mtu': 1420}, '--yes', '--confirm-timeout', '3');
  t.is(status, 2, said);
  t.is(await mtu(), '1410');
});

test.serial('on a terminal, Ctrl-C takes them back', async (t) => {
  const {status, said} = await applyAt([KEEP, '\u0003'], {'nic eth0 mtu': 1420}, '--yes');
  t.is(status, 130, said);
  t.is(await mtu(), '1410');
});

test.serial(
  'who has approved the changes on a terminal is asked whether to keep them, whatever they are',
  async (t) => {
    const typing = ['Apply these changes to 1 host? [y/N] ', 'y\n', KEEP, 'n'];
    const asked = await applyAt(typing, {'sysctl net.ipv4.tcp_fin_timeout': 32});
    t.is(asked.status, 2, asked.said);
    t.regex(asked.said, /press y within/);
    t.is((await onHost('cat /proc/sys/net/ipv4/tcp_fin_timeout')).said, '31\n');
  },
);
