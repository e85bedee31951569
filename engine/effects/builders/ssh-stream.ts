import {spawn, type ChildProcess} from 'node:child_process';
import type {Readable, Writable} from 'node:stream';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {sshArguments, type SshTarget} from '../connections/ssh.ts';
import {sshFault} from '../connections/ssh-faults.ts';

/** A script that runs on a machine, its streams ours. */
export type RemoteScript = {
  child: ChildProcess;
  /** Its status; a connection that failed is a Fault instead. */
  ended: Promise<number | null>;
  /** What it said on its standard error. */
  complaint: () => string;
};

/** One word that every login shell passes on as it is, whatever the text: letters and digits. */
const command = (text: string): string =>
  `exec /bin/sh -c 'eval "$(echo ${Buffer.from(text).toString('base64')} | base64 -d)"'`;

const SSH_FAILED = 255;

/** Starts sh text on a machine, over a connection of its own: one that is cut takes nothing else along. */
export const remoteScript = (target: SshTarget, text: string): RemoteScript => {
  const child = spawn('ssh', sshArguments(target, [command(text)]), {stdio: 'pipe', detached: true});
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-10_000)));
  // Whoever writes to it learns from its end that it is gone.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      if (status !== SSH_FAILED) resolve(status);
      else reject(sshFault({host: target.name, address: target.address, withPassword: false}, said));
    });
  });
  ended.catch(() => undefined);
  return {child, ended, complaint: () => printableLine(said.trim(), 300)};
};

export const remoteFailed = (target: SshTarget, what: string, complaint: string): Fault =>
  new Fault({
    code: 'builder-failed',
    owner: 'host',
    host: target.name,
    message: `${target.name} could not ${what}${complaint === '' ? '' : `: ${complaint}`}`,
  });

/** What sh text prints on a machine. @throws Fault of the connection, `builder-failed` */
export const remoteText = async (target: SshTarget, text: string, what: string): Promise<string> => {
  const script = remoteScript(target, text);
  script.child.stdin?.end();
  let printed = '';
  script.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  if ((await script.ended) === 0) return printed;
  throw remoteFailed(target, what, script.complaint());
};

const localTar = (words: readonly string[], stdio: 'in' | 'out'): ChildProcess =>
  spawn('tar', words, {stdio: stdio === 'in' ? ['pipe', 'ignore', 'inherit'] : ['ignore', 'pipe', 'inherit']});

const endOf = async (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });

/**
 * Runs a stream between a tar of ours and one over there. What breaks it is told by the two statuses: a tar that has read all
 * it wants may well close its end before the other one has written its last zeros.
 */
const transfer = async (
  target: SshTarget,
  {script, tar, what, signal}: {script: RemoteScript; tar: ChildProcess; what: string; signal: AbortSignal},
): Promise<void> => {
  const end = (): void => {
    tar.kill();
    script.child.kill();
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    const [here, there] = await Promise.all([endOf(tar), script.ended]);
    signal.throwIfAborted();
    if (here !== 0 || there !== 0) throw remoteFailed(target, what, script.complaint());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
};

const join = (from: Readable | null, to: Writable | null): void => {
  if (!from || !to) return;
  // Whoever writes is not to wait for one that is gone.
  const drain = (): void => void from.unpipe(to).resume();
  to.on('error', drain);
  to.on('close', drain);
  from.pipe(to);
};

// Who owns a file here means nothing there, and when it was read means nothing anywhere.
const PACK = ['--owner=0', '--group=0', '--numeric-owner', '-cf', '-'];

/** Copies a folder's content to a folder of a machine, which is made. */
export const sendFolder = async (target: SshTarget, from: string, to: string, signal: AbortSignal): Promise<void> => {
  const script = remoteScript(target, `mkdir -p ${to} && exec tar -C ${to} -xpf -`);
  const tar = localTar(['-C', from, ...PACK, '.'], 'out');
  join(tar.stdout, script.child.stdin);
  await transfer(target, {script, tar, what: 'take what a stage is made from', signal});
};

/** Copies the content of a machine's folder into one of ours. */
export const fetchFolder = async (target: SshTarget, from: string, to: string, signal: AbortSignal): Promise<void> => {
  const script = remoteScript(target, `exec tar -C ${from} -cf - .`);
  script.child.stdin?.end();
  const tar = localTar(['-C', to, '--no-same-owner', '-xpf', '-'], 'in');
  join(script.child.stdout, tar.stdin);
  await transfer(target, {script, tar, what: 'send back what a stage made', signal});
};
