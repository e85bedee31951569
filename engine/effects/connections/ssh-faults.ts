import {Fault, type FaultOwner} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';

type Subject = {host: string; address: string; withPassword: boolean};
type Known = {
  code: string;
  pattern: RegExp;
  owner?: FaultOwner;
  say(subject: Subject, match: RegExpExecArray): string;
  hint?(subject: Subject): string;
};

/** `web1` where it is its own address, else `web1 (10.0.0.1)`. */
const named = ({host, address}: Subject): string =>
  host === address ? host : `${host} (${printableLine(address, 80)})`;

const word = (match: RegExpExecArray, group = 1): string => printableLine(match[group] ?? '', 200);

// What OpenSSH's client says before a session stands: ssh.c, sshconnect.c, sshconnect2.c, kex.c, packet.c, readconf.c.
// The order matters: what is particular comes before what it is followed by on the same stream.
const KNOWN: readonly Known[] = [
  {
    code: 'ssh-config',
    owner: 'user',
    pattern:
      /^(.*(?:Bad configuration option|[Bb]ad configuration options|Bad owner or permissions on|garbage at end of line|keyword .* extra arguments|Can't open user config file|unknown option --|unsupported option).*)$/m,
    say: (subject, match) => `ssh does not accept its configuration for ${named(subject)}: ${word(match)}`,
    hint: () => "correct it in ssh_config, or in the inventory's ssh arguments",
  },
  {
    code: 'ssh-control-path',
    owner: 'user',
    pattern: /(ControlPath .*too long|path ".*" too long for Unix domain socket)/,
    say: (subject, match) => `ssh cannot open its ControlPath for ${named(subject)}: ${word(match)}`,
    hint: () => 'use a short one: ControlPath ~/.ssh/%C',
  },
  {
    code: 'host-key-changed',
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED[\s\S]*?(?:Offending \S+ key in (\S+))/,
    say: (subject, match) => `the host key of ${named(subject)} is not the one known from ${word(match)}`,
    hint: ({address}) =>
      `if the host was installed anew, remove the old key (ssh-keygen -R ${printableLine(address, 80)}); if not, someone may be listening`,
  },
  {
    code: 'host-key-revoked',
    pattern: /REVOKED HOST KEY|is marked as revoked/,
    say: (subject) => `the host key of ${named(subject)} has been revoked`,
  },
  {
    code: 'host-key-unknown',
    pattern: /Host key verification failed|No \S+ host key is known for/,
    say: (subject) => `the host key of ${named(subject)} is not known yet`,
    hint: ({address}) => `connect once by hand and compare its fingerprint: ssh ${printableLine(address, 80)}`,
  },
  {
    code: 'ssh-penalised',
    pattern: /Not allowed at this time/,
    say: (subject) => `${named(subject)} refuses this machine for a while (sshd's PerSourcePenalties)`,
    hint: () => 'wait some minutes: every new attempt lengthens the penalty',
  },
  {
    code: 'ssh-auth',
    pattern: /((?:Permission denied|Too many authentication failures|Received disconnect from .*Too many auth)[^\n]*)/,
    say: (subject, match) => `${named(subject)} refused the login: ${word(match)}`,
    hint: ({withPassword}) =>
      withPassword
        ? 'the password or the user may be wrong; it was tried once only'
        : "check the user, and that the key is in its authorized_keys (ssh-add -l lists the agent's keys)",
  },
  {
    code: 'ssh-name',
    pattern: /Could not resolve hostname (.*?): (.*)/,
    say: (subject, match) => `the name of ${named(subject)} cannot be resolved: ${word(match, 2)}`,
    hint: () => 'set ansible_host to an address, or correct the name',
  },
  {
    code: 'ssh-refused',
    pattern: /connect to host .* port (\S+): Connection refused/,
    say: (subject, match) => `${named(subject)} refused the connection on port ${word(match)}`,
    hint: () => 'sshd may not run there, or on another port (ansible_port)',
  },
  {
    code: 'ssh-no-route',
    pattern: /connect to host .* port \S+: (No route to host|Network is unreachable|Network is down|Host is down)/,
    say: (subject, match) => `there is no way to ${named(subject)}: ${word(match)}`,
  },
  {
    code: 'ssh-timeout',
    pattern: /Connection timed out|Operation timed out|Connection to .* timed out|timed out during banner exchange/,
    say: (subject) => `${named(subject)} did not answer in time`,
    hint: () => 'it may be down, or a firewall drops the packets; --timeout waits longer',
  },
  {
    code: 'ssh-negotiate',
    pattern: /Unable to negotiate with .*: (no matching .*)/,
    say: (subject, match) => `ssh and ${named(subject)} have no algorithm in common: ${word(match)}`,
  },
  {
    code: 'ssh-startup-refused',
    pattern: /(?:kex_exchange_identification|ssh_exchange_identification|banner exchange): (.*)/,
    say: (subject, match) => `${named(subject)} closed the connection before any login: ${word(match)}`,
    hint: () => "sshd may have too many new connections at once (MaxStartups), or a firewall's limit was met",
  },
  {
    code: 'ssh-forward',
    pattern: /channel \d+: open failed: (.*)\s+stdio forwarding failed/,
    say: (subject, match) => `${named(subject)} could not reach it: ${word(match)}`,
  },
  {
    code: 'ssh-session-refused',
    pattern: /((?:shell|exec) request failed on channel .*|channel \d+: open failed: .*)/,
    say: (subject, match) => `${named(subject)} let us in but started no shell: ${word(match)}`,
  },
  {
    code: 'ssh-closed',
    pattern: /(Connection (?:to .* )?(?:closed|reset) by .*)/,
    say: (subject, match) => `${named(subject)} closed the connection: ${word(match)}`,
  },
];

const JUMP_END = /^Connection (?:closed|reset) by UNKNOWN port 65535\s*$/m;

// A login is often refused only because ssh could not use the key that was meant.
const KEY_TROUBLE = /Identity file \S+ not accessible.*|Permissions \d+ for '.*' are too open|Load key ".*": .*/;

const toFault = (known: Known, subject: Subject, match: RegExpExecArray): Fault => {
  const [trouble] = known.code === 'ssh-auth' ? (KEY_TROUBLE.exec(match.input) ?? []) : [];
  const hint =
    trouble === undefined ? known.hint?.(subject) : `ssh could not use the key: ${printableLine(trouble, 200)}`;
  return new Fault({
    code: known.code,
    owner: known.owner ?? 'unreachable',
    host: subject.host,
    message: known.say(subject, match),
    ...(hint !== undefined && {hint}),
  });
};

const recognise = (subject: Subject, stderr: string): Fault | undefined => {
  for (const known of KNOWN) {
    const match = known.pattern.exec(stderr);
    if (match) return toFault(known, subject, match);
  }
  return undefined;
};

/**
 * OpenSSH calls the far end of a ProxyJump or ProxyCommand `UNKNOWN port 65535`: what was said before that line was
 * said by the way there, not by the host.
 */
const jumpFault = (subject: Subject, stderr: string): Fault => {
  const own = stderr
    .replace(JUMP_END, '')
    .replace(/^kex_exchange_identification: Connection closed by remote host\s*$/m, '');
  const reason = recognise({...subject, host: 'the jump host', address: 'the jump host'}, own);
  const early = own.trim() === '' || reason?.code === 'ssh-startup-refused';
  const said = reason?.message ?? (printableLine(own) || 'it closed the connection');
  return new Fault({
    code: early ? 'ssh-startup-refused' : reason?.code === 'ssh-auth' ? 'ssh-jump-auth' : 'ssh-jump',
    owner: 'unreachable',
    host: subject.host,
    message: `the way to ${named(subject)} is closed: ${said}`,
    hint: reason?.hint ?? 'try the jump host by itself: ssh JUMPHOST true',
  });
};

/** Why OpenSSH gave up (exit status 255) before the host's shell answered, from what it said on standard error. */
export const sshFault = (subject: Subject, stderr: string): Fault => {
  if (JUMP_END.test(stderr)) return jumpFault(subject, stderr);
  const words = printableLine(stderr.trim().split('\n').slice(-3).join('\n'));
  return (
    recognise(subject, stderr) ??
    new Fault({
      code: 'ssh-failed',
      owner: 'unreachable',
      host: subject.host,
      message: `ssh could not reach ${named(subject)}${words === '' ? ' and does not say why' : `: ${words}`}`,
      hint: `see more with: ssh -v ${printableLine(subject.address, 80)} true`,
    })
  );
};
