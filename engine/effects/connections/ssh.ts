import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import {setTimeout as pause} from 'node:timers/promises';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {ConnectOptions, Connection, Target} from '../connection.ts';
import {askpass, type Askpass} from './askpass.ts';
import type {Ending} from './channel.ts';
import type {Admission} from './pacing.ts';
import {shellConnection, type Phase} from './session.ts';
import {droppedFault, noShellFault} from './shell-faults.ts';
import {sshFault} from './ssh-faults.ts';

export type SshTarget = Target & {via: 'ssh'};

// A login may wait for PAM, a home on NFS or a busy machine after the connection stands, and a jump counts twice.
const LOGIN_MS = 30_000;

// A refusal before any login is tried once more, each host after a pause of its own.
const RETRY_MS = [500, 2000] as const;

// OpenSSH expands %h and %r unquoted into ProxyCommand and Match exec: CVE-2023-51385. A user may be DOMAIN\name.
const UNSAFE_ADDRESS = /^-|[\s'"`$\\;&<>|(){}*?!\p{Cc}]/u;
const UNSAFE_USER = /^-|\\$|[\s'"`$;&<>|(){}*?!\p{Cc}]/u;

/** @throws Fault `ssh-word`, `ssh-password-line` */
export const checkWords = (target: SshTarget): void => {
  for (const [what, text, unsafe] of [
    ['address', target.address, UNSAFE_ADDRESS],
    ['user', target.user, UNSAFE_USER],
  ] as const)
    if (text !== undefined && (text === '' || unsafe.test(text)))
      throw new Fault({
        code: 'ssh-word',
        owner: 'user',
        host: target.name,
        message: `"${printableLine(text, 80)}" cannot be the ${what} of ${target.name} in an ssh command`,
      });
  if (/[\r\n\0]/.test(target.password?.reveal() ?? ''))
    throw new Fault({
      code: 'ssh-password-line',
      owner: 'user',
      host: target.name,
      message: `the ssh password for ${target.name} holds a line break or a NUL, which ssh cannot be given`,
    });
};

const option = (text: string): string[] => ['-o', text];

/**
 * The words of the ssh command. OpenSSH takes the first value it meets: what linerate cannot do without comes before
 * the user's arguments, mere defaults after them. `exec /bin/sh` reads the same in sh, csh, fish and zsh.
 */
export const sshArguments = (target: SshTarget, command: readonly string[] = ['exec', '/bin/sh']): string[] => [
  '-T',
  '-x',
  ...option(`BatchMode=${target.password ? 'no' : 'yes'}`),
  ...(target.password ? option('NumberOfPasswordPrompts=1') : []),
  // QUIET would hide why a connection fails; a RemoteCommand or a forward of ssh_config is not meant for us.
  ...option('LogLevel=INFO'),
  ...option('RemoteCommand=none'),
  ...option('ClearAllForwardings=yes'),
  ...target.arguments,
  ...option(`ConnectTimeout=${String(target.connectTimeoutSeconds)}`),
  ...option('ServerAliveInterval=10'),
  ...option('ServerAliveCountMax=3'),
  ...(target.port === undefined ? [] : ['-p', String(target.port)]),
  ...(target.user === undefined ? [] : ['-l', target.user]),
  ...(target.identityFile === undefined ? [] : ['-i', target.identityFile]),
  '--',
  target.address,
  ...command,
];

const ended = (target: SshTarget, ending: Ending, phase: Phase): Fault => {
  const {name: host, address} = target;
  if (ending.spawnError)
    return new Fault({
      code: 'ssh-missing',
      owner: 'user',
      host,
      message: `ssh cannot be started on this machine (${ending.spawnError.code ?? 'unknown error'})`,
      hint: 'apt-get install openssh-client',
      cause: ending.spawnError,
    });
  if (phase === 'run') return droppedFault(host, ending);
  if (ending.exit !== 255) return noShellFault(host, ending);
  return sshFault({host, address, withPassword: target.password !== undefined}, ending.stderr);
};

const silent = ({name: host, address}: SshTarget, seconds: number, stderr: string): Fault => {
  const words = printableLine(stderr, 200);
  return new Fault({
    code: 'shell-silent',
    owner: 'unreachable',
    host,
    message: `${host} gave no shell within ${String(seconds)} s${words === '' ? '' : `, only: ${words}`}`,
    hint: `see what it waits for: ssh ${printableLine(address, 80)} true`,
  });
};

const environment = (answer: Askpass | undefined): NodeJS.ProcessEnv => ({
  ...process.env,
  // A jump host's ssh inherits no BatchMode: it must not open a window and ask.
  ...(answer?.environment ?? {SSH_ASKPASS_REQUIRE: 'never'}),
});

/**
 * A shell on a host by the system's own OpenSSH: one process, one connection. It leads its own session, so that
 * neither it nor a jump host's ssh can ask anything on the terminal.
 */
export const sshConnection = (target: SshTarget, options: ConnectOptions): Connection => {
  checkWords(target);
  let answer: Askpass | undefined;
  let admission: Admission | undefined;
  let tries = 0;
  const prepare = async (): Promise<void> => {
    admission = await options.pacing?.admit(target);
    await answer?.dispose();
    if (target.password ?? admission?.jump) answer = await askpass(target.password);
  };
  const again = async (failure: unknown, signal: AbortSignal | undefined): Promise<boolean> => {
    const fault = failure instanceof Fault ? failure : undefined;
    admission?.release(fault);
    tries += 1;
    if (fault?.code !== 'ssh-startup-refused' || tries > 1) return false;
    const [least, most] = RETRY_MS;
    await pause(least + Math.random() * (most - least), undefined, {signal}).catch(() => undefined);
    return true;
  };
  const onReady = (): void => {
    admission?.release();
    options.onReady?.();
  };
  const start = (): ChildProcessWithoutNullStreams => {
    const child = spawn('ssh', sshArguments(target), {stdio: 'pipe', detached: true, env: environment(answer)});
    if (child.pid !== undefined) answer?.admit(child.pid);
    return child;
  };
  return shellConnection({
    host: target.name,
    become: target.become,
    signal: options.signal,
    onReady,
    again,
    startTimeoutMs: target.connectTimeoutSeconds * 1000 + LOGIN_MS,
    prepare,
    start,
    dispose: async () => answer?.dispose(),
    ended: (ending, phase) => ended(target, ending, phase),
    silent: (seconds, stderr) => silent(target, seconds, stderr),
  });
};
