import {askedOf, heldAsked} from '../facts/asked.ts';
import type {Facts} from '../facts/facts.ts';
import type {Step} from '../model/change.ts';
import type {Held} from '../model/setting.ts';
import {accountOf, isElsewhere, readAccountScript, whereThere} from './account-read.ts';
import {ELSEWHERE, FIRST_PERSON} from './group.ts';
import type {ResourceKind} from './resource.ts';
import {words} from './values.ts';

/** What of an account a value names, by the words of `user`. */
type Parts = Readonly<Partial<Record<string, string>>>;

const PART = /^(uid=\d{1,10}|group=[\w.-]+|home=\/[^\s:,]*|shell=\/[^\s:,]*|groups=(?:[\w.-]+(?:,[\w.-]+)*)?)$/;

const WORD = /^(?:system|present)$/;

const partsOf = (value: string): Parts =>
  Object.fromEntries(
    words(value)
      .filter((word) => PART.test(word))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );

const held = (name: string, said: string): Held => {
  if (isElsewhere(said)) return {value: 'elsewhere'};
  const found = accountOf(name, said);
  if (!found) return {value: 'absent'};
  const {uid, group, home, shell, groups} = found;
  const system = Number(uid) < FIRST_PERSON ? 'system ' : '';
  return {value: `${system}uid=${uid} group=${group} home=${home} shell=${shell} groups=${groups.join(',')}`};
};

const now = (facts: Facts, name: string): string => {
  const found = held(name, askedOf(facts, `user ${name}`) ?? '');
  return typeof found === 'object' && 'value' in found ? found.value : 'absent';
};

const sameSet = (a: string, b: string): boolean => a.split(',').sort().join(',') === b.split(',').sort().join(',');

const samePart = (part: string, is: string | undefined, want: string | undefined): boolean =>
  part === 'groups' ? sameSet(is ?? '', want ?? '') : is === want;

// useradd and usermod have the short ones in common.
const FLAGS: Readonly<Record<string, string>> = {uid: '-u', group: '-g', home: '-d', shell: '-s', groups: '-G'};

const flagsOf = (parts: Parts): readonly string[] =>
  Object.entries(FLAGS).flatMap(([part, flag]) => (parts[part] === undefined ? [] : [flag, parts[part]]));

const run = (...argv: string[]): readonly Step[] => [{do: 'run', argv}];

// Nobody logs in as a service.
const SERVICE: Parts = {home: '/', shell: '/usr/sbin/nologin'};

// NAME GROUP FLAG...: a group of the account's own name is made with it, unless it is there by then. Going back, the
// account may never have gone.
const ADD = `! cut -d: -f1 /etc/passwd | grep -Fqx -e "$1" || exit 0
own="-g $2"
[ "$1" != "$2" ] || cut -d: -f1 /etc/group | grep -Fqx -e "$1" || own=-U
shift 2
exec useradd $own "$@"`;

/** A new account has a group of its own name unless another one is asked for; its folder is not made. */
const added = (name: string, want: string): readonly Step[] => {
  const system = words(want).includes('system');
  const {group = name, ...parts}: Parts = {...(system ? SERVICE : {}), ...partsOf(want)};
  const flags = [...(system ? ['-r'] : []), '-M', ...flagsOf(parts), '--', name];
  return run('/bin/sh', '-c', ADD, 'useradd', name, group, ...flags);
};

const stepsTo = (before: string, name: string, want: string): readonly Step[] => {
  if (want === 'absent') return [whereThere('passwd', true, name, ['userdel', '--', name])];
  if (before === 'absent') return added(name, want);
  const is = partsOf(before);
  const changed = Object.entries(partsOf(want)).filter(([part, value]) => !samePart(part, is[part], value));
  return changed.length === 0 ? [] : run('usermod', ...flagsOf(Object.fromEntries(changed)), '--', name);
};

const problem = (want: string): string | undefined => {
  if (want === 'absent') return undefined;
  const odd = words(want).find((word) => !PART.test(word) && !WORD.test(word));
  return odd === undefined
    ? undefined
    : `has "${odd}", which is none of system, uid=N, group=NAME, home=PATH, shell=PATH, groups=A,B`;
};

/**
 * Accounts of the host's own files: `absent`, or `present` or `system` (a number of the system's range), with as many of
 * `uid=N group=NAME home=PATH shell=PATH groups=A,B` as shall be so. What a value does not name is left as it is; `groups`
 * are all its supplementary groups.
 */
export const user: ResourceKind = {
  kind: 'user',
  form: 'NAME',
  knows: (name) => /^[A-Za-z_][\w.-]{0,31}$/.test(name),
  problem: (_name, want) => problem(want),
  reads: readAccountScript,
  onDisk: true,
  live: (facts, name) => heldAsked(facts, `user ${name}`, (said) => held(name, said)),
  boot: () => ({held: 'default'}),
  effect: () => 'live',
  // Its password and what else /etc/shadow says of it go with it.
  undo: (_facts, _name, want) => (want === 'absent' ? 'approximate' : 'exact'),
  same: (_facts, _name, is, want) => {
    if (is === 'absent' || want === 'absent') return is === want;
    const parts = partsOf(is);
    return Object.entries(partsOf(want)).every(([part, value]) => samePart(part, parts[part], value));
  },
  steps: (facts, name, want) => stepsTo(now(facts, name), name, want),
  restore: (facts, name, want) => stepsTo(want, name, now(facts, name)),
  fixed: (facts, name) => (now(facts, name) === 'elsewhere' ? ELSEWHERE : undefined),
};
