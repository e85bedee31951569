import {spawn, type ChildProcess} from 'node:child_process';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {Target} from '../../../engine/model/target.ts';
import {accelerator} from './accelerator.ts';
import {outcomeOf, type Outcome} from './command.ts';
import {imageFolder} from './image.ts';
import {qemuArguments} from './qemu.ts';
import {ADDRESS} from './recipe.ts';

/** The host's name in `sshConfigPath`. */
const ALIAS = 'machine';
const BOOT_LIMIT_MS = 240_000;

export type Machine = {
  /** Root over SSH; another `user` or `become` may be put in. */
  target: Extract<Target, {via: 'ssh'}>;
  /** An ssh_config that knows the machine as `machine`. */
  sshConfigPath: string;
  /** One shell command over a connection of its own, beside linerate's. */
  run(command: string, user?: string): Promise<Outcome>;
  /** Reboots, and comes back when the machine that answers is a new boot. */
  reboot(): Promise<void>;
  /** Ends the machine and removes what it left in /tmp. */
  stop(): Promise<void>;
};

const sshConfig = (folder: string, work: string, pid: number): string =>
  [
    `Host ${ALIAS}`,
    `  HostName ${ADDRESS.machine}`,
    '  User root',
    `  IdentityFile ${folder}/key`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${work}/known_hosts`,
    '  StrictHostKeyChecking yes',
    `  ProxyCommand nsenter --net=/proc/${String(pid)}/ns/net ${process.execPath} ${import.meta.dirname}/proxy.ts %h %p`,
    '',
  ].join('\n');

const runOver = async (config: string, command: string, user: string): Promise<Outcome> =>
  outcomeOf([
    'timeout',
    '60',
    'ssh',
    '-F',
    config,
    '-o',
    'BatchMode=yes',
    '-o',
    'LogLevel=ERROR',
    '-l',
    user,
    ALIAS,
    '--',
    command,
  ]);

type Running = {child: ChildProcess; complaint: () => string};

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const answers = async (config: string): Promise<boolean> => {
  const {status} = await outcomeOf([
    'timeout',
    '30',
    'ssh',
    '-F',
    config,
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=15',
    ALIAS,
    'true',
  ]);
  return status === 0;
};

const waitForSsh = async ({child, complaint}: Running, work: string, config: string): Promise<void> => {
  const start = Date.now();
  while (Date.now() - start < BOOT_LIMIT_MS && !ended(child)) {
    if (await answers(config)) return;
    await delay(1000);
  }
  const console = await readFile(path.join(work, 'console'), 'utf8').catch(() => '');
  throw new Error(`the test machine did not come up: ${complaint()} ${console.slice(-2000)}`);
};

const start = (argv: readonly string[]): Running => {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {stdio: ['ignore', 'ignore', 'pipe']});
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = `${complaints}${text}`.slice(-2000)));
  return {child, complaint: () => complaints.trim()};
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (ended(child)) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
};

const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';

const reboot = async (config: string, child: ChildProcess): Promise<void> => {
  const before = (await runOver(config, BOOT_ID, 'root')).stdout;
  await runOver(config, 'systemctl reboot', 'root');
  const start = Date.now();
  while (Date.now() - start < BOOT_LIMIT_MS && !ended(child)) {
    await delay(1000);
    if (!(await answers(config))) continue;
    const now = (await runOver(config, BOOT_ID, 'root')).stdout;
    if (now !== '' && now !== before) return;
  }
  throw new Error('the test machine did not come back from its reboot');
};

const writeSshFiles = async (folder: string, work: string, pid: number): Promise<string> => {
  const hostKey = await readFile(path.join(folder, 'host-key.pub'), 'utf8');
  await writeFile(path.join(work, 'known_hosts'), `${ADDRESS.machine} ${hostKey}`);
  const config = path.join(work, 'ssh_config');
  await writeFile(config, sshConfig(folder, work, pid));
  return config;
};

/**
 * Boots a Debian 12 machine of `qemu.ts`'s shape and waits until it answers over SSH: a fresh one each time, about
 * twenty seconds without KVM. Its image is built on first use; `log` is told how that goes. Needs root: for taps, and
 * for the owners of the image's files.
 */
export const bootMachine = async (log: (line: string) => void): Promise<Machine> => {
  if (process.getuid?.() !== 0)
    throw new Error('the test machine needs root (taps, owners of files): run the tests as root');
  const folder = await imageFolder(log);
  const accelerated = await accelerator(folder);
  const work = await mkdtemp(path.join(tmpdir(), 'linerate-machine-'));
  const running = start(qemuArguments(folder, accelerated, work));
  try {
    const sshConfigPath = await writeSshFiles(folder, work, running.child.pid ?? 0);
    await waitForSsh(running, work, sshConfigPath);
    return {
      target: {via: 'ssh', name: ALIAS, address: ALIAS, arguments: ['-F', sshConfigPath], connectTimeoutSeconds: 60},
      sshConfigPath,
      run: async (command, user = 'root') => runOver(sshConfigPath, command, user),
      reboot: async () => reboot(sshConfigPath, running.child),
      stop: async () => stop(running.child),
    };
  } catch (error) {
    await stop(running.child);
    throw error;
  }
};
