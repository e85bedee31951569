import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {linerate} from '../../support/cli.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';

const SETTINGS = JSON.stringify({
  linerate_settings: {'sysctl net.ipv4.tcp_fin_timeout': 33, 'sysctl net.core.somaxconn': 5000},
});

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: 2});
});

test.after.always(async () => lab?.stop());

/** How often each host's own sshd has let somebody in. */
const logins = async (): Promise<readonly number[]> =>
  Promise.all(
    lab.hosts.map(async ({name}) => {
      const log = await readFile(path.join(lab.folder, 'hosts', name, 'log'), 'utf8');
      return log.split('Accepted publickey').length - 1;
    }),
  );

const apply = async (): Promise<number> =>
  (await linerate(['apply', '--yes', '-i', lab.inventoryPath, '-e', SETTINGS, '--confirm-timeout', '30'])).status ?? -1;

test.serial('a host is provisioned over two logins: the second one is the proof that there is a way in', async (t) => {
  t.is(await apply(), 0);
  t.deepEqual(await logins(), [2, 2]);
});

test.serial('one login sees that there is nothing to do', async (t) => {
  t.is(await apply(), 0);
  t.deepEqual(await logins(), [3, 3]);
});
