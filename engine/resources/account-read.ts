import type {Step} from '../model/change.ts';
import {shellQuote} from '../model/shell.ts';

/** An account as /etc/passwd and /etc/group have it: names of its groups, primary and supplementary (sorted). */
export type Account = {uid: string; group: string; home: string; shell: string; groups: readonly string[]};

/** A group as /etc/group has it. */
export type Group = {gid: string; members: readonly string[]};

/**
 * A script that runs a program with its arguments, called by its own name where it fails, only where FILE has the name, or
 * has not: going back, a change may have done nothing yet.
 */
export const whereThere = (file: 'passwd' | 'group', there: boolean, name: string, argv: readonly string[]): Step => ({
  do: 'run',
  argv: [
    '/bin/sh',
    '-c',
    `${there ? '! ' : ''}cut -d: -f1 /etc/${file} | grep -Fqx -e "$1" || { shift; exec "$@"; }`,
    argv[0] ?? '',
    name,
    ...argv,
  ],
});

/** Both files' lines, and where neither has the name, whether a directory service (LDAP, sssd) does. */
const script = (kind: 'user' | 'group', database: 'passwd' | 'group', name: string): string => `inside /etc/passwd
p=$R$at
inside /etc/group
printf '%s run 0 asked %s %s\\n' "$T" ${kind} ${shellQuote(name)}
if grep ${shellQuote(`^${name.replaceAll('.', '[.]').replace('$', '[$]')}:`)} "${database === 'passwd' ? '$p' : '$R$at'}"; then :
elif has getent && getent ${database} ${shellQuote(name)} >/dev/null 2>&1; then echo elsewhere
else echo absent; fi 2>/dev/null
${kind === 'user' ? 'cat "$R$at" 2>/dev/null' : ''}`;

export const readAccountScript = (name: string): string => script('user', 'passwd', name);
export const readGroupScript = (name: string): string => script('group', 'group', name);

const linesOf = (text: string): readonly (readonly string[])[] => text.split('\n').map((line) => line.split(':'));

const membersOf = (line: readonly string[]): readonly string[] =>
  (line[3] ?? '').split(',').filter((one) => one !== '');

/** Whether the name comes from elsewhere than the host's own files. */
export const isElsewhere = (said: string): boolean => said.startsWith('elsewhere');

/** The account of which `readAccountScript` said this; undefined where there is none. */
export const accountOf = (name: string, said: string): Account | undefined => {
  const [first = [], ...groups] = linesOf(said);
  const [own, , uid = '', gid = '', , home = '', shell = ''] = first;
  if (own !== name || uid === '') return undefined;
  return {
    uid,
    group: groups.find((line) => line[2] === gid)?.[0] ?? gid,
    home,
    shell,
    groups: groups
      .filter((line) => membersOf(line).includes(name))
      .flatMap(([group]) => group ?? [])
      .sort(),
  };
};

/** The group of which `readGroupScript` said this; undefined where there is none. */
export const groupOf = (name: string, said: string): Group | undefined => {
  const [line = []] = linesOf(said);
  return line[0] === name && line[2] !== undefined ? {gid: line[2], members: membersOf(line)} : undefined;
};
