import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {HostOptions, LabHost} from './lab.ts';

const SSHD_CONFIG = `HostKey /run/lab/host_key
PidFile none
AuthorizedKeysFile /run/lab/authorized_keys
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
StrictModes no
LogLevel INFO
`;

/**
 * sshd takes the first value it meets, so a host's own lines come first; but of MaxStartups the last. The lab's own value
 * is for fan-outs of more logins at once than sshd's default 10:30:100 lets in.
 */
const sshdConfig = (own: readonly string[]): string => {
  const startups = own.some((line) => line.startsWith('MaxStartups')) ? [] : ['MaxStartups 500:30:1000'];
  return [...own, ...startups, SSHD_CONFIG].join('\n');
};

/** Writes what one host is made of, as `supervisor.sh` and `host.sh` want it. */
export const writeHost = async (
  folder: string,
  name: string,
  publicKey: string,
  options: HostOptions,
): Promise<void> => {
  const host = path.join(folder, 'hosts', name);
  await mkdir(host, {recursive: true});
  await writeFile(path.join(host, 'sshd_config'), sshdConfig(options.sshd ?? []));
  await writeFile(path.join(host, 'prepare'), options.prepare ?? '');
  await writeFile(path.join(host, 'authorized_keys'), publicKey);
};

const sshConfig = (folder: string, hosts: readonly LabHost[]): string =>
  [
    ...hosts.flatMap(({name, address}) => [`Host ${name}`, `  HostName ${address}`]),
    'Host *',
    '  User root',
    `  IdentityFile ${path.join(folder, 'key')}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${path.join(folder, 'known_hosts')}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
    '',
  ].join('\n');

const inventory = (folder: string, hosts: readonly LabHost[]): string =>
  [
    '[lab]',
    ...hosts.map(({name, address}) => `${name} ansible_host=${address}`),
    '[lab:vars]',
    'ansible_user=root',
    `ansible_ssh_common_args=-F ${path.join(folder, 'ssh_config')}`,
    '',
  ].join('\n');

/** Writes what a client needs to reach the hosts: known host keys, an ssh_config and an inventory. */
export const writeClientFiles = async (
  folder: string,
  hosts: readonly LabHost[],
  hostKeys: ReadonlyMap<string, string>,
): Promise<void> => {
  const known = hosts.map(({name, address}) => `${name},${address} ${hostKeys.get(name) ?? ''}`);
  await writeFile(path.join(folder, 'known_hosts'), `${known.join('\n')}\n`);
  await writeFile(path.join(folder, 'ssh_config'), sshConfig(folder, hosts));
  await writeFile(path.join(folder, 'inventory.ini'), inventory(folder, hosts));
};
