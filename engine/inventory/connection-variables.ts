import {printableLine} from '../model/printable.ts';
import {Secret} from '../model/secret.ts';
import type {Become, Target} from '../model/target.ts';
import {type InventoryFaultCode, inventoryFault} from './complaints.ts';
import {findHost, type Host, type Inventory} from './inventory.ts';
import {resolveVariable} from './templates.ts';
import {typeName} from './values.ts';
import {splitWords} from './words.ts';

/** What holds where a host's variables say nothing: from the command line and `ansible.cfg`. */
export type TargetDefaults = {
  connectTimeoutSeconds: number;
  user?: string;
  port?: number;
  identityFile?: string;
  password?: Secret;
  /** Arguments of ssh, already split into words; each of the three gives way to the host's variable of the same name. */
  sshArgs?: readonly string[];
  sshCommonArgs?: readonly string[];
  sshExtraArgs?: readonly string[];
  /** Used where `ansible_connection` is not set: `ssh` when absent. */
  connection?: string;
  become?: boolean;
  becomeUser?: string;
  becomePassword?: Secret;
};

type Found = {name: string; value: unknown};

/** The last of the names that is set, which is how Ansible ranks a variable's aliases. */
const find = (host: Host, names: readonly string[]): Found | undefined => {
  const name = names.findLast((candidate) => host.definitions.has(candidate));
  const value = name === undefined ? undefined : resolveVariable(host, name);
  return name === undefined || value === null || value === undefined ? undefined : {name, value};
};

const wrong = (host: Host, name: string, problem: string, code: InventoryFaultCode = 'inventory-variable'): Error =>
  inventoryFault(code, `${name} of host ${host.name} ${problem}`, host.definitions.get(name)?.at);

const textOf = (host: Host, names: readonly string[]): string | undefined => {
  const found = find(host, names);
  if (found === undefined) return undefined;
  const {name, value} = found;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') throw wrong(host, name, `must be a text and is ${typeName(value)}`);
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(value)) throw wrong(host, name, 'holds a control character');
  return value === '' ? undefined : value;
};

/** An address or user that starts with a hyphen would be an option of ssh. */
const noOption = (host: Host, names: readonly string[]): string | undefined => {
  const text = textOf(host, names);
  if (text === undefined || !text.startsWith('-')) return text;
  throw wrong(host, names.findLast((name) => host.definitions.has(name)) ?? '', 'must not start with a hyphen');
};

const secretOf = (host: Host, names: readonly string[]): Secret | undefined => {
  const found = find(host, names);
  if (found === undefined) return undefined;
  const {name, value} = found;
  if (['string', 'number', 'bigint'].includes(typeof value)) return new Secret(String(value));
  throw wrong(host, name, `must be a text and is ${typeName(value)}`);
};

const portOf = (host: Host): number | undefined => {
  const names = ['ansible_port', 'ansible_ssh_port'];
  const text = textOf(host, names);
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  const name = find(host, names)?.name ?? '';
  throw wrong(host, name, `must be a port from 1 to 65535 and is ${printableLine(text, 40)}`);
};

const TRUE: ReadonlySet<unknown> = new Set([true, 1, 'true', 'yes', 'on', 'y', 't', '1']);
const FALSE: ReadonlySet<unknown> = new Set([false, 0, 'false', 'no', 'off', 'n', 'f', '0', '']);

const booleanOf = (host: Host, name: string): boolean | undefined => {
  const found = find(host, [name]);
  if (found === undefined) return undefined;
  const word = typeof found.value === 'string' ? found.value.trim().toLowerCase() : found.value;
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  throw wrong(host, name, 'must be yes or no');
};

const wordsOf = (host: Host, name: string): readonly string[] | undefined => {
  const text = textOf(host, [name]);
  if (text === undefined) return undefined;
  const split = splitWords(text, false);
  if ('broken' in split) throw wrong(host, name, `cannot be split into words: ${split.broken}`);
  return split.words.filter((word) => word.trim() !== '');
};

/** In Ansible's order: of two `-o` for the same option OpenSSH takes the first. */
const sshArguments = (host: Host, defaults: TargetDefaults): readonly string[] => [
  ...(wordsOf(host, 'ansible_ssh_args') ?? defaults.sshArgs ?? []),
  ...(wordsOf(host, 'ansible_ssh_common_args') ?? defaults.sshCommonArgs ?? []),
  ...(wordsOf(host, 'ansible_ssh_extra_args') ?? defaults.sshExtraArgs ?? []),
];

const becomeOf = (host: Host, defaults: TargetDefaults): Become | undefined => {
  if (!(booleanOf(host, 'ansible_become') ?? defaults.become ?? false)) return undefined;
  const method = textOf(host, ['ansible_become_method']) ?? 'sudo';
  if (method !== 'sudo' && method !== 'ansible.builtin.sudo') {
    throw wrong(host, 'ansible_become_method', `is ${method}, and only sudo is supported`);
  }
  const password =
    secretOf(host, ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass']) ?? defaults.becomePassword;
  return {
    user: noOption(host, ['ansible_become_user', 'ansible_sudo_user']) ?? defaults.becomeUser ?? 'root',
    method: 'sudo',
    ...(password === undefined ? {} : {password}),
  };
};

type Via = Target['via'];

const CONNECTIONS: Readonly<Record<string, Via>> = {
  ssh: 'ssh',
  'ansible.builtin.ssh': 'ssh',
  openssh: 'ssh',
  smart: 'ssh',
  paramiko: 'ssh',
  paramiko_ssh: 'ssh',
  'ansible.builtin.paramiko_ssh': 'ssh',
  local: 'local',
  'ansible.builtin.local': 'local',
  linerate_root: 'root',
  linerate_recording: 'recording',
};

const viaOf = (host: Host, defaults: TargetDefaults): Via => {
  const name = textOf(host, ['ansible_connection']) ?? defaults.connection ?? 'ssh';
  const via = Object.hasOwn(CONNECTIONS, name) ? CONNECTIONS[name] : undefined;
  if (via !== undefined) return via;
  const known = 'ssh, local, linerate_root and linerate_recording';
  throw wrong(host, 'ansible_connection', `is ${name}, and linerate connects by ${known} only`, 'inventory-connection');
};

const sshTarget = (host: Host, defaults: TargetDefaults, become: {become?: Become}): Target => {
  const port = portOf(host) ?? defaults.port;
  const user = noOption(host, ['ansible_user', 'ansible_ssh_user']) ?? defaults.user;
  const identityFile =
    textOf(host, ['ansible_private_key_file', 'ansible_ssh_private_key_file']) ?? defaults.identityFile;
  const password =
    secretOf(host, ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password']) ?? defaults.password;
  return {
    via: 'ssh',
    name: host.name,
    address: addressOf(host),
    ...(port === undefined ? {} : {port}),
    ...(user === undefined ? {} : {user}),
    ...(identityFile === undefined ? {} : {identityFile}),
    ...(password === undefined ? {} : {password}),
    arguments: sshArguments(host, defaults),
    connectTimeoutSeconds: timeoutOf(host) ?? defaults.connectTimeoutSeconds,
    ...become,
  };
};

const timeoutOf = (host: Host): number | undefined => {
  const text = textOf(host, ['ansible_timeout', 'ansible_ssh_timeout']);
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw wrong(host, 'ansible_timeout', `must be a number of seconds and is ${printableLine(text, 40)}`);
};

const addressOf = (host: Host): string => {
  const address = noOption(host, ['ansible_host', 'ansible_ssh_host']) ?? host.name;
  // eslint-disable-next-line no-control-regex
  if (!/^-|[\u0000-\u0020\u007f]/.test(address)) return address;
  throw inventoryFault('inventory-host', `host ${host.name} has an address that is none: ${address}`, host.source);
};

const pathOf = (host: Host): string => textOf(host, ['ansible_host', 'ansible_ssh_host']) ?? host.name;

/**
 * How to reach a host, out of its `ansible_*` variables; they win over the defaults. For `linerate_root` and
 * `linerate_recording` the directory or file is `ansible_host`, or else the host's name. Throws a `Fault` with file and
 * line for a variable that makes no sense, and for a host that the inventory does not have.
 */
export const targetOf = (inventory: Inventory, hostName: string, defaults: TargetDefaults): Target => {
  const host = findHost(inventory, hostName);
  if (host === undefined) throw inventoryFault('inventory-host', `there is no host ${hostName} in the inventory`);
  const via = viaOf(host, defaults);
  if (via === 'root') return {via, name: host.name, directory: pathOf(host)};
  if (via === 'recording') return {via, name: host.name, file: pathOf(host)};
  const become = becomeOf(host, defaults);
  const becoming = become === undefined ? {} : {become};
  return via === 'local' ? {via, name: host.name, ...becoming} : sshTarget(host, defaults, becoming);
};
