import {askedOf, heldAsked} from '../facts/asked.ts';
import type {Facts} from '../facts/facts.ts';
import type {Step} from '../model/change.ts';
import type {Held} from '../model/setting.ts';
import {groupOf, isElsewhere, readGroupScript, whereThere} from './account-read.ts';
import type {ResourceKind} from './resource.ts';

export const ELSEWHERE = 'it comes from a directory service, not from the host’s own files';

/** Numbers below this are for the system's own accounts (UID_MIN and GID_MIN of login.defs in every distribution). */
export const FIRST_PERSON = 1000;

const held = (name: string, said: string): Held => {
  if (isElsewhere(said)) return {value: 'elsewhere'};
  const found = groupOf(name, said);
  if (!found) return {value: 'absent'};
  return {value: `${Number(found.gid) < FIRST_PERSON ? 'system ' : ''}gid=${found.gid}`};
};

const gidOf = (value: string): string | undefined => /(?:^|\s)gid=(\d+)$/.exec(value)?.[1];

const now = (facts: Facts, name: string): string => {
  const found = held(name, askedOf(facts, `group ${name}`) ?? '');
  return typeof found === 'object' && 'value' in found ? found.value : 'absent';
};

const stepsTo = (before: string, name: string, want: string): readonly Step[] => {
  // userdel may have taken it away with a user of its name.
  if (want === 'absent') return [whereThere('group', true, name, ['groupdel', '--', name])];
  const gid = gidOf(want);
  const number = gid === undefined ? [] : ['-g', gid];
  if (before !== 'absent') return [{do: 'run', argv: ['groupmod', ...number, '--', name]}];
  const system = want.startsWith('system') ? ['-r'] : [];
  return [whereThere('group', false, name, ['groupadd', ...system, ...number, '--', name])];
};

/** Groups of the host's own files: `system` (a number of the system's range), `gid=N`, both, `present` or `absent`. */
export const group: ResourceKind = {
  kind: 'group',
  form: 'NAME',
  knows: (name) => /^[A-Za-z_][\w.-]{0,31}$/.test(name),
  problem: (_name, want) =>
    /^(?:absent|present|system|(?:system )?gid=\d{1,10})$/.test(want)
      ? undefined
      : 'is none of present, absent, system, gid=N',
  reads: readGroupScript,
  onDisk: true,
  live: (facts, name) => heldAsked(facts, `group ${name}`, (said) => held(name, said)),
  boot: () => ({held: 'default'}),
  effect: () => 'live',
  // Its members go with it.
  undo: (_facts, _name, want) => (want === 'absent' ? 'approximate' : 'exact'),
  same: (_facts, _name, is, want) => {
    if (is === 'absent' || want === 'absent') return is === want;
    const gid = gidOf(want);
    return gid === undefined || gid === gidOf(is);
  },
  steps: (facts, name, want) => stepsTo(now(facts, name), name, want),
  restore: (facts, name, want) => stepsTo(want, name, now(facts, name)),
  fixed: (facts, name) => (now(facts, name) === 'elsewhere' ? ELSEWHERE : undefined),
};
