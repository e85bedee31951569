import test from 'ava';
import fc from 'fast-check';
import {sshFault} from '../../../../engine/effects/connections/ssh-faults.ts';

const SUBJECT = {host: 'web1', address: '192.0.2.7', withPassword: false};
const JUMP_END =
  'kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n';

/** What OpenSSH clients print (7.4 to 9.9), and the sentence that it becomes. */
const CASES: readonly [string, string, string][] = [
  [
    'ssh: Could not resolve hostname web1: Name or service not known',
    'ssh-name',
    'the name of web1 (192.0.2.7) cannot be resolved: Name or service not known',
  ],
  [
    'ssh: connect to host 192.0.2.7 port 22: Connection refused',
    'ssh-refused',
    'web1 (192.0.2.7) refused the connection on port 22',
  ],
  [
    'ssh: connect to host 192.0.2.7 port 22: No route to host',
    'ssh-no-route',
    'there is no way to web1 (192.0.2.7): No route to host',
  ],
  [
    'ssh: connect to host 192.0.2.7 port 22: Connection timed out',
    'ssh-timeout',
    'web1 (192.0.2.7) did not answer in time',
  ],
  [
    'Connection timed out during banner exchange\nConnection to 192.0.2.7 port 22 timed out',
    'ssh-timeout',
    'web1 (192.0.2.7) did not answer in time',
  ],
  [
    'Authorised use only\nroot@192.0.2.7: Permission denied (publickey,password).',
    'ssh-auth',
    'web1 (192.0.2.7) refused the login: Permission denied (publickey,password).',
  ],
  [
    'Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures\nDisconnected from 192.0.2.7 port 22',
    'ssh-auth',
    'web1 (192.0.2.7) refused the login: Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures',
  ],
  [
    'kex_exchange_identification: read: Connection reset by peer\nConnection reset by 192.0.2.7 port 22',
    'ssh-startup-refused',
    'web1 (192.0.2.7) closed the connection before any login: read: Connection reset by peer',
  ],
  [
    'ssh_exchange_identification: Connection closed by remote host',
    'ssh-startup-refused',
    'web1 (192.0.2.7) closed the connection before any login: Connection closed by remote host',
  ],
  [
    'kex_exchange_identification: banner line 0: Not allowed at this time\nkex_exchange_identification: Connection closed by remote host',
    'ssh-penalised',
    "web1 (192.0.2.7) refuses this machine for a while (sshd's PerSourcePenalties)",
  ],
  [
    'No ED25519 host key is known for 192.0.2.7 and you have requested strict checking.\r\nHost key verification failed.',
    'host-key-unknown',
    'the host key of web1 (192.0.2.7) is not known yet',
  ],
  [
    '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nSomeone could be eavesdropping\nOffending ECDSA key in /root/.ssh/known_hosts:3\nHost key verification failed.',
    'host-key-changed',
    'the host key of web1 (192.0.2.7) is not the one known from /root/.ssh/known_hosts:3',
  ],
  [
    'unix_listener: path "/a/b" too long for Unix domain socket',
    'ssh-control-path',
    'ssh cannot open its ControlPath for web1 (192.0.2.7): path "/a/b" too long for Unix domain socket',
  ],
  [
    'Connection closed by 192.0.2.7 port 22',
    'ssh-closed',
    'web1 (192.0.2.7) closed the connection: Connection closed by 192.0.2.7 port 22',
  ],
  [
    `root@bastion: Permission denied (publickey).\n${JUMP_END}`,
    'ssh-jump-auth',
    'the way to web1 (192.0.2.7) is closed: the jump host refused the login: Permission denied (publickey).',
  ],
  [
    `ssh: connect to host bastion port 22: No route to host\n${JUMP_END}`,
    'ssh-jump',
    'the way to web1 (192.0.2.7) is closed: there is no way to the jump host: No route to host',
  ],
  [
    `kex_exchange_identification: read: Connection reset by peer\nConnection reset by 198.51.100.1 port 22\n${JUMP_END}`,
    'ssh-startup-refused',
    'the way to web1 (192.0.2.7) is closed: the jump host closed the connection before any login: read: Connection reset by peer',
  ],
  [JUMP_END, 'ssh-startup-refused', 'the way to web1 (192.0.2.7) is closed: it closed the connection'],
  [
    `channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n${JUMP_END}`,
    'ssh-jump',
    'the way to web1 (192.0.2.7) is closed: the jump host could not reach it: connect failed: Connection refused',
  ],
  ['', 'ssh-failed', 'ssh could not reach web1 (192.0.2.7) and does not say why'],
  ['something new', 'ssh-failed', 'ssh could not reach web1 (192.0.2.7): something new'],
];

for (const [index, [stderr, code, message]] of CASES.entries())
  test(`${String(index)} ${code}: ${message}`, (t) => {
    const fault = sshFault(SUBJECT, stderr);
    t.deepEqual([fault.code, fault.message, fault.host], [code, message, 'web1']);
  });

test('a key that ssh could not use is named', (t) => {
  const warning = 'Warning: Identity file /keys/one not accessible: No such file or directory.';
  const fault = sshFault(SUBJECT, `${warning}\nroot@192.0.2.7: Permission denied (publickey).`);
  t.is(fault.code, 'ssh-auth');
  t.is(fault.hint, 'ssh could not use the key: Identity file /keys/one not accessible: No such file or directory.');
});

test('a host that is its own address is named once', (t) => {
  const fault = sshFault({...SUBJECT, host: '192.0.2.7'}, 'ssh: connect to host 192.0.2.7 port 22: Connection refused');
  t.is(fault.message, '192.0.2.7 refused the connection on port 22');
});

test('no text of ssh brings a control character or a second line to the terminal', (t) => {
  const text = fc.array(fc.oneof(fc.string(), fc.constantFrom('\u001b[2J', '\r\n', 'Permission denied ', JUMP_END)));
  t.notThrows(() => {
    fc.assert(
      fc.property(text, (words) => {
        const fault = sshFault({...SUBJECT, address: '192.0.2.7\u001b[0m'}, words.join(''));
        return !/\p{Cc}/u.test(`${fault.message}${fault.hint ?? ''}`);
      }),
    );
  });
});
