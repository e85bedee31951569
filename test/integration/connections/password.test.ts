import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {connect} from '../../../engine/effects/connections/connect.ts';
import type {Target} from '../../../engine/effects/connection.ts';
import {Secret} from '../../../engine/model/secret.ts';
import {withOps} from '../../support/lab/kinds.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {faultOn, hostAt, runOn} from '../../support/lab/runs.ts';

const PASSWORD = `correct "horse" 'battery' $(staple) \\ ž`;

let lab: Lab;

test.before(async () => {
  const byPassword = withOps({password: PASSWORD});
  lab = await startLab({
    hosts: [
      {...byPassword, sshd: ['PasswordAuthentication yes', 'PubkeyAuthentication no']},
      {...byPassword, sshd: ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PubkeyAuthentication no']},
      {...byPassword, sshd: ['PasswordAuthentication yes', 'PubkeyAuthentication no']},
    ],
  });
});

test.after.always(async () => lab?.stop());

const targetOf = (index: number, password: string): Target & {via: 'ssh'} => ({
  ...hostAt(lab, index).target,
  user: 'ops',
  password: new Secret(password),
});

const sshdLog = (index: number): Promise<string> =>
  readFile(path.join(lab.folder, 'hosts', hostAt(lab, index).name, 'log'), 'utf8');

test('logs in with a password', async (t) => {
  t.is((await runOn(targetOf(0, PASSWORD), 'id -un')).stdout, 'ops\n');
});

test("logs in by PAM's own question", async (t) => {
  t.is((await runOn(targetOf(1, PASSWORD), 'id -un')).stdout, 'ops\n');
});

test('the password is in no argument and no environment of any program', async (t) => {
  const connection = connect(targetOf(0, PASSWORD));
  await connection.run(':');
  for (const pid of await readdir('/proc'))
    for (const file of ['cmdline', 'environ'])
      t.false((await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')).includes(PASSWORD), `${pid} ${file}`);
  await connection.close();
});

test('a wrong password is sent once, and told without it', async (t) => {
  const fault = await faultOn(targetOf(2, 'wrong "pass"'));
  t.is(fault.code, 'ssh-auth');
  t.regex(fault.message, /^h03 .* refused the login: Permission denied \(password\)\.$/);
  t.regex(fault.hint ?? '', /tried once only/);
  t.is((await sshdLog(2)).match(/Failed password for ops/g)?.length, 1);
});

test('a jump host is not told the password of the host behind it', async (t) => {
  const target = targetOf(1, PASSWORD);
  const words = ['-J', `ops@${hostAt(lab, 2).name}`, ...target.arguments];
  const fault = await faultOn({...target, arguments: words});
  t.is(fault.code, 'ssh-jump-auth');
  t.notRegex(await sshdLog(2), /Accepted password/);
});

test('a password that ssh cannot be given is refused', (t) => {
  t.throws(() => connect(targetOf(0, 'two\nlines')), {code: 'ssh-password-line'});
});
