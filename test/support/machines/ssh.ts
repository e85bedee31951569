import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outcomeOf, type Outcome} from './command.ts';
import {ADDRESS} from './recipe.ts';

/** The machine's name in its ssh_config. */
export const ALIAS = 'machine';

const sshConfig = (folder: string, work: string, pid: number): string =>
  [
    `Host ${ALIAS}`,
    `  HostName ${ADDRESS.machine}`,
    '  User root',
    `  IdentityFile ${folder}/key`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${work}/known_hosts`,
    '  StrictHostKeyChecking yes',
    // The one that an emulated machine is quickest at: logins are most of what these tests do.
    '  KexAlgorithms ecdh-sha2-nistp256',
    `  ProxyCommand nsenter --net=/proc/${String(pid)}/ns/net ${process.execPath} ${import.meta.dirname}/proxy.ts %h %p`,
    '',
  ].join('\n');

/** Writes what reaches the machine of image `folder` in the network namespace of `pid`; answers the ssh_config's path. */
export const writeSshFiles = async (folder: string, work: string, pid: number): Promise<string> => {
  const hostKey = await readFile(path.join(folder, 'host-key.pub'), 'utf8');
  await writeFile(path.join(work, 'known_hosts'), `${ADDRESS.machine} ${hostKey}`);
  const config = path.join(work, 'ssh_config');
  await writeFile(config, sshConfig(folder, work, pid));
  return config;
};

const ssh = async (config: string, seconds: number, ...words: readonly string[]): Promise<Outcome> =>
  outcomeOf(['timeout', String(seconds), 'ssh', '-F', config, '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR', ...words]);

/** One shell command over a connection of its own, which ends soon after a machine that has gone without a word. */
export const runOver = async (config: string, command: string, user = 'root'): Promise<Outcome> =>
  ssh(config, 900, '-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=8', '-l', user, ALIAS, '--', command);

/** The random name of the machine's present boot; undefined while it does not answer. */
export const bootId = async (config: string): Promise<string | undefined> => {
  const words = ['-o', 'ConnectTimeout=15', ALIAS, 'cat /proc/sys/kernel/random/boot_id'];
  const {status, stdout} = await ssh(config, 30, ...words);
  return status === 0 ? stdout.trim() : undefined;
};
