import {execFile, spawn, type ChildProcess} from 'node:child_process';
import {openSync} from 'node:fs';
import {mkdir, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {promisify} from 'node:util';
import type {Target} from '../../../engine/model/target.ts';
import {writeClientFiles, writeHost} from './files.ts';

const run = promisify(execFile);

export type HostOptions = {
  /** Lines of sshd_config that come before the lab's own. */
  sshd?: readonly string[];
  /**
   * POSIX sh that runs as root in the host before its sshd starts. /etc, /root, /home, /tmp, /var/tmp, /var/log and
   * /run are the host's own; `own DIRECTORY` makes another one so.
   */
  prepare?: string;
};

export type LabOptions = {
  /** How many hosts, or what each shall be. They are called h01, h02, … */
  hosts: number | readonly HostOptions[];
};

export type LabHost = {name: string; address: string; target: Target & {via: 'ssh'}};

export type Lab = {
  hosts: readonly LabHost[];
  /** A private folder with `key`, `known_hosts` and the two files below. */
  folder: string;
  sshConfigPath: string;
  inventoryPath: string;
  /** Ends all hosts and removes the folder. */
  stop(): Promise<void>;
};

const PREFIX = 'linerate-lab-';
const SUPERVISOR = path.join(import.meta.dirname, 'supervisor.sh');

const demandRoot = (): void => {
  if (process.getuid?.() !== 0)
    throw new Error('a lab of hosts in network namespaces needs root: run this as root (sudo)');
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Removes the folders of labs whose test was killed; their hosts died with it. */
const sweep = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN;
    if (Number.isInteger(owner) && !isAlive(owner)) await rm(path.join(tmpdir(), name), {recursive: true, force: true});
  }
};

const waitFor = async <T>(what: string, child: ChildProcess, ask: () => Promise<T | undefined>): Promise<T> => {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (child.exitCode !== null) throw new Error(`the lab ended (exit ${String(child.exitCode)}) before ${what}`);
    await pause(10);
  }
  throw new Error(`the lab did not come to ${what} within a minute`);
};

const textOf = async (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

/** The public host key of a host whose sshd listens; undefined until then. */
const listening = async (folder: string): Promise<string | undefined> => {
  const log = (await textOf(path.join(folder, 'log'))) ?? '';
  if (log.includes('Server listening on')) return readFile(path.join(folder, 'host_key.pub'), 'utf8');
  return undefined;
};

/**
 * Starts the supervisor of a lab whose folder lists its hosts; `until` says what its life hangs on. One that outlives its
 * starter complains into the folder's `log`: holding on to the starter's output would keep a pipe's reader waiting.
 */
export const startSupervisor = (folder: string, slot: number | 'any', until: 'stdin' | 'forever'): ChildProcess =>
  spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', '--mount-proc', 'sh', SUPERVISOR].concat(
      [folder, String(slot), until],
    ),
    {
      stdio:
        until === 'stdin'
          ? ['pipe', 'ignore', 'inherit']
          : ['ignore', 'ignore', openSync(path.join(folder, 'log'), 'a')],
      detached: true,
    },
  );

const targetOf = (name: string, address: string, folder: string): LabHost => ({
  name,
  address,
  target: {via: 'ssh', name, address, arguments: ['-F', path.join(folder, 'ssh_config')], connectTimeoutSeconds: 10},
});

/** Writes what the hosts are made of into an empty folder, with the key that opens them. */
export const prepareLab = async (folder: string, hosts: LabOptions['hosts']): Promise<string[]> => {
  demandRoot();
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'linerate lab', '-f', path.join(folder, 'key')]);
  const publicKey = await readFile(path.join(folder, 'key.pub'), 'utf8');
  const wanted = typeof hosts === 'number' ? Array.from({length: hosts}, (): HostOptions => ({})) : hosts;
  const names = wanted.map((_, index) => `h${String(index + 1).padStart(2, '0')}`);
  await Promise.all(wanted.map((options, index) => writeHost(folder, names[index] ?? '', publicKey, options)));
  return names;
};

/** Waits until all hosts let a client in, and writes the client's files. */
export const awaitLab = async (folder: string, names: readonly string[], child: ChildProcess): Promise<LabHost[]> => {
  const slot = await waitFor('its network', child, () => textOf(path.join(folder, 'slot')));
  const hosts = names.map((name, index) => targetOf(name, `198.18.${slot.trim()}.${String(index + 11)}`, folder));
  const keys = new Map<string, string>();
  for (const name of names) {
    const host = path.join(folder, 'hosts', name);
    keys.set(name, (await waitFor(`an sshd on ${name}`, child, () => listening(host))).trim());
  }
  await writeClientFiles(folder, hosts, keys);
  return hosts;
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => {
      child.once('exit', resolve);
    });
};

/**
 * Starts hosts in network namespaces of this machine, each with its own sshd, host key, name and /etc. They end with
 * `stop`, and also when the calling program dies.
 */
export const startLab = async (options: LabOptions): Promise<Lab> => {
  demandRoot();
  await sweep();
  const folder = await mkdtemp(path.join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  await mkdir(path.join(folder, 'hosts'));
  const names = await prepareLab(folder, options.hosts);
  const child = startSupervisor(folder, 'any', 'stdin');
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await ended(child);
    await rm(folder, {recursive: true, force: true});
  };
  try {
    const hosts = await awaitLab(folder, names, child);
    const [sshConfigPath, inventoryPath] = [path.join(folder, 'ssh_config'), path.join(folder, 'inventory.ini')];
    return {hosts, folder, sshConfigPath, inventoryPath, stop};
  } catch (error) {
    await stop();
    throw error;
  }
};
