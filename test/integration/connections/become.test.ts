import test from 'ava';
import type {Target} from '../../../engine/effects/connection.ts';
import type {Fault} from '../../../engine/model/fault.ts';
import {Secret} from '../../../engine/model/secret.ts';
import {withOps, without} from '../../support/lab/kinds.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {faultOn, hostAt, runOn} from '../../support/lab/runs.ts';

// A password that would do harm if a shell ran it, and that no shell must expand.
const PASSWORD = `touch /tmp/pwned; $(touch /tmp/pwned) '"\\ ž`;
const ALL = 'ops ALL=(ALL) ALL';
const FREE = 'ops ALL=(ALL) NOPASSWD: ALL';

const HOSTS = {
  free: withOps({sudoers: FREE}),
  asks: withOps({password: PASSWORD, sudoers: ALL}),
  shellOnly: withOps({sudoers: 'ops ALL=(root) NOPASSWD: /bin/sh'}),
  stranger: withOps({password: PASSWORD}),
  other: withOps({sudoers: 'ops ALL=(root) NOPASSWD: /usr/bin/id'}),
  tty: withOps({sudoers: `Defaults requiretty\n${FREE}`}),
  noSudo: withOps({sudoers: FREE, prepare: without('/usr/bin/sudo').prepare ?? ''}),
  expired: withOps({password: PASSWORD, sudoers: ALL, prepare: 'chage -d 0 ops'}),
  locked: withOps({
    sudoers: FREE,
    prepare: String.raw`printf 'auth sufficient pam_permit.so\naccount required pam_deny.so\n' >/etc/pam.d/sudo`,
  }),
  broken: withOps({sudoers: 'ops ALL=(ALL'}),
  csh: withOps({password: PASSWORD, sudoers: ALL, shell: '/bin/csh'}),
  lecture: withOps({
    password: PASSWORD,
    sudoers: `Defaults lecture=always, insults, logfile=/var/log/sudo.log\n${ALL}`,
  }),
} satisfies Record<string, HostOptions>;
type Name = keyof typeof HOSTS;

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: Object.values(HOSTS)});
});

test.after.always(async () => lab?.stop());

type Options = {password?: string; user?: string; login?: string};

const targetOf = (name: Name, {password, user = 'root', login = 'ops'}: Options = {}): Target => ({
  ...hostAt(lab, Object.keys(HOSTS).indexOf(name)).target,
  user: login,
  become: {user, method: 'sudo', ...(password !== undefined && {password: new Secret(password)})},
});

const GOOD: readonly [string, Name, Options][] = [
  ['without a password', 'free', {}],
  ['with a password that sudo does not ask for', 'free', {password: PASSWORD}],
  ['with a password', 'asks', {password: PASSWORD}],
  ['with a password, after a lecture', 'lecture', {password: PASSWORD}],
  ['with a password, from csh', 'csh', {password: PASSWORD}],
  ['where sudoers allows no more than /bin/sh', 'shellOnly', {}],
  ['where the login user is the wanted one and there is no sudo', 'noSudo', {login: 'root'}],
];

for (const [how, name, options] of GOOD)
  test(`becomes root ${how}`, async (t) => {
    const answer = await runOn(
      targetOf(name, options),
      'id -un; echo "$LR_SSH_CONNECTION"; [ -e /tmp/pwned ]; echo "$?"; cat; ps axww | grep -c "[p]wned" || :',
    );
    const [user, connection, pwned, seen] = answer.stdout.split('\n');
    t.is(user, 'root');
    t.regex(connection ?? '', /^198\.18\.\d+\.1 \d+ 198\.18\.\d+\.\d+ 22$/);
    t.is(pwned, '1');
    t.is(seen, '0');
    t.is(answer.stderr, '');
  });

test('becomes a user other than root', async (t) => {
  t.is((await runOn(targetOf('free', {user: 'games'}), 'id -un')).stdout, 'games\n');
});

const REFUSED: readonly [string, Name, Options, Fault['code'], RegExp][] = [
  ['a wrong password', 'asks', {password: 'wrong'}, 'become-password-wrong', /refused the password to become root$/],
  [
    'no password where one is needed',
    'asks',
    {},
    'become-password-needed',
    /asks for a password to become root, and none was given$/,
  ],
  [
    'a user that sudoers does not know',
    'stranger',
    {password: PASSWORD},
    'become-not-allowed',
    /does not allow becoming root/,
  ],
  ['a command that sudoers does not allow', 'other', {}, 'become-password-needed', /asks for a password/],
  ['requiretty', 'tty', {}, 'become-requiretty', /demands a terminal \(requiretty in sudoers\)$/],
  ['no sudo', 'noSudo', {}, 'become-no-sudo', /^h07 has no sudo$/],
  ['an expired password', 'expired', {password: PASSWORD}, 'become-expired', /has expired$/],
  ['an account that PAM denies', 'locked', {}, 'become-expired', /has expired$/],
  ['a broken sudoers file', 'broken', {}, 'become-sudoers', /^the sudoers file on h10 is broken$/],
  ['an unknown user', 'free', {user: 'nobody-here'}, 'become-unknown-user', /^h01 has no user nobody-here to become$/],
  ['a password of two lines', 'asks', {password: 'a\nb'}, 'become-password-line', /holds a line break/],
];

for (const [what, name, options, code, says] of REFUSED)
  test(`says so in one sentence: ${what}`, async (t) => {
    const fault = await faultOn(targetOf(name, options));
    t.is(fault.code, code, fault.message);
    t.regex(fault.message, says);
    t.false(fault.message.includes(PASSWORD));
  });

test('a wrong password is tried once only', async (t) => {
  await faultOn(targetOf('lecture', {password: 'wrong'}));
  const logged = 'until grep incorrect /var/log/sudo.log; do sleep 0.1; done';
  const log = await runOn(targetOf('lecture', {login: 'root'}), logged, {timeoutMs: 20_000});
  t.regex(log.stdout, /: 1 incorrect password attempt /);
});
