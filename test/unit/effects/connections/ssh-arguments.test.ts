import {execFileSync} from 'node:child_process';
import test from 'ava';
import {sshArguments, type SshTarget} from '../../../../engine/effects/connections/ssh.ts';
import {Secret} from '../../../../engine/model/secret.ts';

const TARGET: SshTarget = {
  via: 'ssh',
  name: 'web1',
  address: '192.0.2.7',
  port: 2222,
  user: 'ops',
  identityFile: import.meta.filename,
  arguments: ['-F', '/dev/null', '-o', 'ConnectTimeout=3', '-o', 'BatchMode=no', '-L', '1:localhost:1'],
  connectTimeoutSeconds: 7,
};

/** What OpenSSH itself makes of the words: `ssh -G` prints the settings that it would use. */
const settings = (target: SshTarget): Map<string, string> => {
  const out = execFileSync('ssh', ['-G', ...sshArguments(target)], {encoding: 'utf8'});
  return new Map(out.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]));
};

test('OpenSSH reads the target as it was meant', (t) => {
  const read = settings(TARGET);
  const expected = {
    host: '192.0.2.7',
    port: '2222',
    user: 'ops',
    identityfile: import.meta.filename,
    requesttty: 'false',
  };
  for (const [name, value] of Object.entries(expected)) t.is(read.get(name), value, name);
});

test("the user's arguments win over defaults, and lose against what must not be asked or forwarded", (t) => {
  const read = settings(TARGET);
  t.is(read.get('connecttimeout'), '3');
  t.is(read.get('batchmode'), 'yes');
  t.is(read.get('localforward'), undefined);
  t.is(settings({...TARGET, arguments: ['-F', '/dev/null']}).get('connecttimeout'), '7');
});

test('a password is in none of the words', (t) => {
  const target = {...TARGET, password: new Secret('hunter2')};
  t.false(sshArguments(target).join(' ').includes('hunter2'));
  t.is(settings(target).get('batchmode'), 'no');
  t.is(settings(target).get('numberofpasswordprompts'), '1');
});
