import {existsSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, ROOT, temporaryFolder, type CliAnswer} from '../../support/cli.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

const folder = temporaryFolder();
const log = path.join(folder, 'log');
let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: 1});
});

test.after.always(async () => {
  await lab?.stop();
});

test.beforeEach(() => rmSync(log, {force: true}));

/** A new MTU resets the NIC; a sysctl disturbs nobody. */
const apply = async (setting: object, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate(['apply', '-i', lab.inventoryPath, '-e', JSON.stringify({linerate_settings: setting}), '--yes', ...words]);

const onHost = async (script: string): Promise<string> => (await runOn(hostAt(lab, 0).target, script)).stdout;

const MTU = 'cat /sys/class/net/eth0/mtu';

const mtu = async (): Promise<string> => (await onHost(MTU)).trim();

/** A command that notes what the host's MTU is at that moment. */
const noting = (word: string): string =>
  `echo "${word} $LINERATE_HOST $(ssh -F ${lab.sshConfigPath} "$LINERATE_ADDRESS" ${MTU})" >>${log}`;

const said = (): readonly string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);

test.serial('a host is drained before it is disrupted, and undrained once that is confirmed', async (t) => {
  const words = ['--drain', noting('out'), '--undrain', noting('in')];
  const {status, stderr} = await apply({'nic eth0 mtu': 1400}, ...words);
  t.is(status, 0, stderr);
  t.deepEqual(said(), ['out h01 1500', 'in h01 1400']);
});

test.serial('what disrupts nothing drains nothing', async (t) => {
  const words = ['--drain', noting('out'), '--undrain', noting('in')];
  const {status, stderr} = await apply({'sysctl net.ipv4.tcp_fin_timeout': 33}, ...words);
  t.is(status, 0, stderr);
  t.deepEqual(said(), []);
});

test.serial('the inventory’s commands, with its own variables in them', async (t) => {
  const variables = JSON.stringify({
    pool: 'web',
    linerate_drain: `echo "out {{ inventory_hostname }} of {{ pool }}" >>${log}`,
    linerate_undrain: `echo "in {{ inventory_hostname }} of {{ pool }}" >>${log}`,
  });
  const {status, stderr} = await apply({'nic eth0 mtu': 1410}, '-e', variables);
  t.is(status, 0, stderr);
  t.deepEqual(said(), ['out h01 of web', 'in h01 of web']);
});

test.serial('a host that cannot be drained is left as it is, and put back', async (t) => {
  const words = ['--drain', `${noting('out')}; echo no such pool >&2; exit 7`, '--undrain', noting('in')];
  const {status, stdout, stderr} = await apply({'nic eth0 mtu': 1420}, ...words);
  t.is(status, 2, stderr);
  t.regex(stderr, /h01 is left as it is: its drain command ended with status 7: no such pool/);
  t.regex(stdout, /h01 +: .*failed=1/);
  t.deepEqual(said(), ['out h01 1410', 'in h01 1410']);
  t.is(await mtu(), '1410');
});

test.serial('a host that cannot be undrained is told loudly, and has failed', async (t) => {
  const {status, stdout, stderr} = await apply({'nic eth0 mtu': 1430}, '--drain', 'true', '--undrain', 'exit 4');
  t.is(status, 2, stderr);
  t.regex(stderr, /error: h01 was not undrained: the command ended with status 4/);
  t.regex(stdout, /h01 +: .*changed=[1-9]\d* .*failed=1 .*may still be out of service/);
  t.is(await mtu(), '1430');
});

test.serial('a host that is undone is put back too', async (t) => {
  const words = ['--drain', noting('out'), '--undrain', noting('in'), '--confirm-command', 'false'];
  const {status, stderr} = await apply({'nic eth0 mtu': 1440}, ...words);
  t.is(status, 2, stderr);
  t.deepEqual(said(), ['out h01 1430', 'in h01 1430']);
});

test.serial('Ctrl-C while a host is drained touches nothing, and puts it back', async (t) => {
  const drain = `${noting('out')}; kill -INT $PPID; sleep 60`;
  const {status, stdout, stderr} = await apply({'nic eth0 mtu': 1450}, '--drain', drain, '--undrain', noting('in'));
  t.is(status, 130, stderr);
  t.deepEqual(said(), ['out h01 1430', 'in h01 1430']);
  t.regex(stdout, /h01 +: not begun/);
});

test.serial('a host that stays drained after Ctrl-C is told too', async (t) => {
  const before = await mtu();
  const words = ['--drain', 'kill -INT $PPID; sleep 60', '--undrain', 'echo no such pool >&2; false'];
  const {status, stdout, stderr} = await apply({'nic eth0 mtu': 1450}, ...words);
  t.is(status, 130, stderr);
  t.regex(stderr, /h01 was not undrained: the command ended with status 1: no such pool/);
  t.regex(stdout, /h01 +: .*failed=1 .*may still be out of service/);
  t.is(await mtu(), before);
});

for (const signal of ['INT', 'TERM', 'HUP'])
  test.serial(`SIG${signal} in the confirm window undoes the host, and puts it back`, async (t) => {
    const confirm = `kill -${signal} $PPID; sleep 60`;
    const words = ['--drain', noting('out'), '--undrain', noting('in'), '--confirm-command', confirm];
    const {status, stderr} = await apply({'nic eth0 mtu': 1460}, ...words);
    t.is(status, 130, stderr);
    t.deepEqual(said(), ['out h01 1430', 'in h01 1430']);
    t.regex(stderr, /h01 undone, as asked for/);
  });

test.serial('a terminal that goes away in the confirm window undoes the host, and puts it back', async (t) => {
  const words = ['--drain', noting('out'), '--undrain', noting('in'), '--confirm-command', 'sleep 60'];
  const under = ['python3', path.join(ROOT, 'test/support/lab/on-terminal.py'), 'confirming over', 'hang up', '--'];
  const settings = JSON.stringify({linerate_settings: {'nic eth0 mtu': 1470}});
  const {status} = await linerate(['apply', '-i', lab.inventoryPath, '-e', settings, '--yes', ...words], {under});
  t.is(status, 130);
  t.deepEqual(said(), ['out h01 1430', 'in h01 1430']);
});

test.serial('a rollback drains and undrains as well', async (t) => {
  const words = ['--drain', noting('out'), '--undrain', noting('in')];
  const {status, stderr} = await linerate(['rollback', '-i', lab.inventoryPath, '--yes', ...words]);
  t.is(status, 0, stderr);
  t.deepEqual(said(), ['out h01 1430', 'in h01 1410']);
});
