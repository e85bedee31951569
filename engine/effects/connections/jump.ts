import {execFile} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import type {Target} from '../../model/target.ts';

type SshTarget = Target & {via: 'ssh'};

const PROXY = /^\s*Proxy(?:Jump|Command)\b/im;
const INCLUDE = /^\s*Include[\s=]+(.+)$/gim;

/** The files that one pattern of an Include line means; undefined when it is too clever for us. */
const included = async (pattern: string, base: string): Promise<string[] | undefined> => {
  const file = path.resolve(base, pattern.replaceAll('"', '').replace(/^~\//, `${homedir()}/`));
  const [folder, name] = [path.dirname(file), path.basename(file)];
  if (/[*?[%$]/.test(folder) || /[?[%$]/.test(name)) return undefined;
  if (!name.includes('*')) return [file];
  const [start = '', end = ''] = name.split('*', 2);
  const names = await readdir(folder).catch(() => []);
  return names.filter((each) => each.startsWith(start) && each.endsWith(end)).map((each) => path.join(folder, each));
};

const fileMayProxy = async (file: string, depth: number): Promise<boolean> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (PROXY.test(text) || depth > 4) return true;
  for (const [, patterns = ''] of text.matchAll(INCLUDE))
    for (const pattern of patterns.trim().split(/\s+/)) {
      const files = await included(pattern, path.dirname(file));
      if (!files || (await anyMayProxy(files, depth + 1))) return true;
    }
  return false;
};

const anyMayProxy = async (files: readonly string[], depth: number): Promise<boolean> =>
  (await Promise.all(files.map((file) => fileMayProxy(file, depth)))).includes(true);

/** The ssh_config files that OpenSSH will read for these arguments (`-F` replaces the usual ones). */
export const configFiles = (words: readonly string[]): string[] => {
  const at = words.findIndex((word) => word.startsWith('-F'));
  if (at < 0) return [path.join(homedir(), '.ssh/config'), '/etc/ssh/ssh_config'];
  const file = words[at] === '-F' ? words[at + 1] : words[at]?.slice(2);
  return file === undefined ? [] : [path.resolve(file.replace(/^~\//, `${homedir()}/`))];
};

/** Whether these files can make a connection go by way of another host. */
export const mayProxy = (files: readonly string[]): Promise<boolean> => anyMayProxy(files, 0);

/**
 * The jump host or proxy command by which OpenSSH will reach a target, by its own account (`ssh -G`, which opens no
 * connection); undefined when it goes straight.
 */
export const resolvedJump = async (target: SshTarget): Promise<string | undefined> => {
  const words = ['-G', ...target.arguments, ...(target.user === undefined ? [] : ['-l', target.user])];
  const {stdout} = await promisify(execFile)('ssh', [...words, '--', target.address]).catch(() => ({stdout: ''}));
  const [, jump] = /^proxy(?:jump|command) (.*)$/m.exec(stdout) ?? [];
  return jump === 'none' ? undefined : jump;
};
