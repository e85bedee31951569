import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';

type Complaint = {pattern: RegExp; code: string; say(host: string, user: string): string; hint?: string};

// sudo's and PAM's own sentences under LC_ALL=C: plugins/sudoers/{auth/sudo_auth.c,check.c,sudoers.c}, src/sudo.c.
// What is particular comes first: `a password is required` follows many another sentence.
const COMPLAINTS: readonly Complaint[] = [
  {
    pattern: /must have a tty|sorry, you must have a tty/i,
    code: 'become-requiretty',
    say: (host) => `sudo on ${host} demands a terminal (requiretty in sudoers)`,
    hint: 'remove requiretty for this user: Defaults:USER !requiretty',
  },
  {
    pattern: /(?:account|password).*expired|account validation failure|password change required/i,
    code: 'become-expired',
    say: (host) => `sudo on ${host} says that the account or its password is locked or has expired`,
    hint: 'log in once by hand and renew it',
  },
  {
    pattern: /unknown user|unable to look up user/i,
    code: 'become-unknown-user',
    say: (host, user) => `${host} has no user ${user} to become`,
  },
  {
    pattern: /not in the sudoers file|not allowed to (?:execute|run)|may not run sudo/i,
    code: 'become-not-allowed',
    say: (host, user) => `sudoers on ${host} does not allow becoming ${user} to run /bin/sh`,
    hint: 'the sudoers line must allow /bin/sh for that user',
  },
  {
    pattern: /incorrect password attempt|maximum \d+ incorrect|Sorry, try again/i,
    code: 'become-password-wrong',
    say: (host, user) => `sudo on ${host} refused the password to become ${user}`,
  },
  {
    pattern: /effective uid is not 0|must be owned by uid 0|no new privileges/i,
    code: 'become-not-setuid',
    say: (host) => `sudo on ${host} cannot become another user (nosuid mount, a container, or not setuid root)`,
  },
  {
    pattern: /sudo: (?:command )?not found|sudo: No such file|sudo: Permission denied/i,
    code: 'become-no-sudo',
    say: (host) => `${host} has no sudo`,
    hint: 'install sudo, or log in as the user that is wanted',
  },
  {
    pattern: /parse error in|syntax error in|sudoers\S*:\d+:.*syntax error|no valid sudoers sources/i,
    code: 'become-sudoers',
    say: (host) => `the sudoers file on ${host} is broken`,
    hint: 'check it with visudo -c',
  },
  {
    pattern: /a password is required|no askpass program|a terminal is required/i,
    code: 'become-password-needed',
    say: (host, user) => `sudo on ${host} asks for a password to become ${user}, and none was given`,
    hint: 'give it with -K, or allow NOPASSWD in sudoers',
  },
];

/** The fault that sudo's words on standard error mean; undefined when they mean none that is known. */
export const becomeFault = (host: string, user: string, stderr: string): Fault | undefined => {
  const found = COMPLAINTS.find(({pattern}) => pattern.test(stderr));
  const line = stderr.split('\n').findLast((text) => text.startsWith('sudo: '));
  if (!found && line === undefined) return undefined;
  const message = found?.say(host, printableLine(user, 60)) ?? `sudo failed on ${host}: ${printableLine(line ?? '')}`;
  const hint = found?.hint;
  return new Fault({code: found?.code ?? 'become-failed', owner: 'host', host, message, ...(hint && {hint})});
};

/** Whether PAM now wants a new password, which it would wait for in vain. */
export const wantsNewPassword = (stderr: string): boolean =>
  /^Changing password for |reset your password/m.test(stderr);

/** The fault of a second prompt: sudo did not take the password, and asking on would only lock the account. */
export const promptAgain = (host: string, user: string): Fault =>
  new Fault({
    code: 'become-password-wrong',
    owner: 'host',
    host,
    message: `sudo on ${host} refused the password to become ${printableLine(user, 60)}`,
    hint: 'it was tried once only, so that no account gets locked',
  });
