import {readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {throwFaults, type Warning} from '../../inventory/complaints.ts';
import {splitWords} from '../../inventory/words.ts';
import {Fault} from '../../model/fault.ts';
import {printable, printableLine} from '../../model/printable.ts';
import {type IniSetting, type IniSettings, readIniSettings} from './ini-settings.ts';
import {isFile, isFolder} from './paths.ts';
import {decodeText, reasonOf} from './read-text.ts';

/** What linerate takes from `ansible.cfg`; a key that is not set is absent. Paths are absolute. */
export type AnsibleConfiguration = {
  /** The file itself; absent when there is none. */
  file?: string;
  warnings: readonly Warning[];
  inventory?: readonly string[];
  forks?: number;
  remoteUser?: string;
  remotePort?: number;
  privateKeyFile?: string;
  /** Seconds. */
  timeout?: number;
  hostKeyChecking?: boolean;
  vaultPasswordFile?: string;
  become?: boolean;
  becomeMethod?: string;
  becomeUser?: string;
  becomeAskPass?: boolean;
  sshArgs?: readonly string[];
  sshCommonArgs?: readonly string[];
  sshExtraArgs?: readonly string[];
};

/** Where to look: the environment (`ANSIBLE_CONFIG`, `HOME`), the working directory and the system's file. */
export type ConfigurationPlaces = {
  environment: Readonly<Record<string, string | undefined>>;
  directory: string;
  system?: string;
};

type Reading = {
  readonly settings: IniSettings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly faults: Fault[];
};

const blame = (faults: Fault[], message: string, at: string): void => {
  faults.push(new Fault({code: 'ansible-cfg', message: printableLine(message), owner: 'user', at: printable(at)}));
};

type Reader<T> = (reading: Reading, setting: IniSetting, key: string) => T | undefined;

const text: Reader<string> = (_, {value}) => (value === '' ? undefined : value);

const count: Reader<number> = ({faults}, {value, at}, key) => {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  blame(faults, `${key} must be a whole number above 0 and is ${value === '' ? 'empty' : value}`, at);
  return undefined;
};

const truth: Reader<boolean> = ({faults}, {value, at}, key) => {
  if (/^(?:yes|on|1|true|t|y|1\.0)$/i.test(value)) return true;
  if (/^(?:no|off|0|false|f|n|0\.0)$/i.test(value)) return false;
  blame(faults, `${key} must be true or false and is ${value === '' ? 'empty' : value}`, at);
  return undefined;
};

const expand = ({environment, folder}: Reading, value: string): string => {
  const named = value
    .trim()
    .replaceAll('{{CWD}}', '.')
    .replace(/^~(?=\/|$)/, environment['HOME'] ?? '~')
    .replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced?: string, bare?: string) => environment[braced ?? bare ?? ''] ?? whole,
    );
  return path.resolve(folder, named);
};

const file: Reader<string> = (reading, {value}) => (value === '' ? undefined : expand(reading, value));

const files: Reader<readonly string[]> = (reading, {value}) => {
  const parts = value.split(',').filter((part) => part.trim() !== '');
  return parts.length === 0 ? undefined : parts.map((part) => expand(reading, part));
};

const words: Reader<readonly string[]> = ({faults}, {value, at}, key) => {
  const split = splitWords(value, false);
  if ('words' in split) return split.words;
  blame(faults, `${key} cannot be split into words: ${split.broken}`, at);
  return undefined;
};

/** One property out of one key, where the file has it. */
const take = <Name extends string, T>(
  reading: Reading,
  name: Name,
  section: string,
  key: string,
  reader: Reader<T>,
): Partial<Record<Name, T>> => {
  const setting = reading.settings.get(section)?.get(key);
  const value = setting === undefined ? undefined : reader(reading, setting, key);
  const found: Partial<Record<Name, T>> = {};
  if (value !== undefined) found[name] = value;
  return found;
};

const readSettings = (reading: Reading): Omit<AnsibleConfiguration, 'file' | 'warnings'> => ({
  ...take(reading, 'inventory', 'defaults', 'inventory', files),
  ...take(reading, 'forks', 'defaults', 'forks', count),
  ...take(reading, 'remoteUser', 'defaults', 'remote_user', text),
  ...take(reading, 'remotePort', 'defaults', 'remote_port', count),
  ...take(reading, 'privateKeyFile', 'defaults', 'private_key_file', file),
  ...take(reading, 'timeout', 'defaults', 'timeout', count),
  ...take(reading, 'hostKeyChecking', 'defaults', 'host_key_checking', truth),
  ...take(reading, 'vaultPasswordFile', 'defaults', 'vault_password_file', file),
  ...take(reading, 'become', 'privilege_escalation', 'become', truth),
  ...take(reading, 'becomeMethod', 'privilege_escalation', 'become_method', text),
  ...take(reading, 'becomeUser', 'privilege_escalation', 'become_user', text),
  ...take(reading, 'becomeAskPass', 'privilege_escalation', 'become_ask_pass', truth),
  ...take(reading, 'sshArgs', 'ssh_connection', 'ssh_args', words),
  ...take(reading, 'sshCommonArgs', 'ssh_connection', 'ssh_common_args', words),
  ...take(reading, 'sshExtraArgs', 'ssh_connection', 'ssh_extra_args', words),
});

const isWorldWritable = async (folder: string): Promise<boolean> => ((await stat(folder)).mode & 0o002) !== 0;

const fromEnvironment = async ({environment, directory}: ConfigurationPlaces): Promise<string | undefined> => {
  const named = environment['ANSIBLE_CONFIG'] ?? '';
  if (named === '') return undefined;
  const candidate = path.resolve(directory, named.replace(/^~(?=\/|$)/, environment['HOME'] ?? '~'));
  return (await isFolder(candidate)) === true ? path.join(candidate, 'ansible.cfg') : candidate;
};

type Finding = {file?: string; warnings: readonly Warning[]};

/** The first of Ansible's places that has a file. One in a folder that everybody may write to is passed over. */
const findFile = async (places: ConfigurationPlaces): Promise<Finding> => {
  const warnings: Warning[] = [];
  const named = await fromEnvironment(places);
  if (named !== undefined && (await isFile(named))) return {file: named, warnings};
  const local = path.join(places.directory, 'ansible.cfg');
  if (await isFile(local)) {
    if (!(await isWorldWritable(places.directory))) return {file: local, warnings};
    const message = `${local} is passed over: everybody may write to its folder`;
    warnings.push({message: printableLine(message), at: printable(local)});
  }
  const home = places.environment['HOME'] ?? '';
  const others = [
    ...(home === '' ? [] : [path.join(home, '.ansible.cfg')]),
    places.system ?? '/etc/ansible/ansible.cfg',
  ];
  for (const candidate of others) if (await isFile(candidate)) return {file: candidate, warnings};
  return {warnings};
};

/**
 * Reads the first `ansible.cfg` of `$ANSIBLE_CONFIG`, the working directory, `~/.ansible.cfg` and /etc/ansible. Throws a
 * `Fault` or `Faults` (`ansible-cfg`) with file and line for values that make no sense.
 */
export const readAnsibleConfiguration = async (places: ConfigurationPlaces): Promise<AnsibleConfiguration> => {
  const {file: found, warnings} = await findFile(places);
  if (found === undefined) return {warnings};
  const bytes = await readFile(found).catch((error: unknown) => {
    throw new Fault({
      code: 'ansible-cfg',
      message: `cannot read ${printable(found)}: ${reasonOf(error)}`,
      owner: 'user',
    });
  });
  const {settings, wrong} = readIniSettings(decodeText(bytes, found), found);
  const faults: Fault[] = [];
  for (const at of wrong) blame(faults, 'expected [section] or key = value', at);
  const {environment} = places;
  const configuration = readSettings({settings, environment, folder: path.dirname(found), faults});
  throwFaults(faults);
  return {...configuration, file: found, warnings};
};
