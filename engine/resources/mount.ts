import {askedOf} from '../facts/asked.ts';
import type {Facts} from '../facts/facts.ts';
import {parseMounts, type Mount} from '../facts/mounts.ts';
import type {Step} from '../model/change.ts';
import type {Held} from '../model/setting.ts';
import {shellQuote} from '../model/shell.ts';
import {mountText, parseMount, type MountValue, sameMount, shownMount} from './mount-value.ts';
import type {ResourceKind} from './resource.ts';

// systemd mounts it by itself at every boot since 238 (src/shared/mount-setup.c).
const MOUNTED_BY_SYSTEMD: Readonly<Record<string, string>> = {'/sys/fs/bpf': 'bpf', '/sys/fs/cgroup': 'cgroup2'};

/** The mounts of a path, and whether there is a folder to mount on. */
const read = (path: string): string => `printf '%s run 0 asked mount %s\\n' "$T" ${shellQuote(path)}
if [ -d "$R"${shellQuote(path)} ]; then echo folder; else echo none; fi
[ -n "$R" ] || grep -F ${shellQuote(` ${path} `)} /proc/mounts 2>/dev/null`;

const asked = (facts: Facts, path: string): string | undefined => askedOf(facts, `mount ${path}`);

const now = (facts: Facts, path: string): Mount | undefined => {
  const said = asked(facts, path);
  const mounts = said === undefined ? facts.mounts : parseMounts(said);
  return mounts.findLast((one) => one.path === path);
};

const live = (facts: Facts, path: string): Held => {
  const found = now(facts, path);
  return found ? {value: mountText(found)} : {value: 'absent'};
};

const run = (...argv: string[]): Step => ({do: 'run', argv});

const isRemount = (facts: Facts, path: string, want: string): boolean => {
  const [is, wanted] = [now(facts, path), parseMount(want)];
  return is !== undefined && is.type === wanted?.type && is.device === wanted.device;
};

const mountArgv = (path: string, {type, options, device}: MountValue): readonly string[] => [
  'mount',
  '-t',
  type,
  ...(options === 'defaults' ? [] : ['-o', options]),
  device,
  path,
];

const steps = (facts: Facts, path: string, want: string): readonly Step[] | undefined => {
  if (want === 'absent') return [run('umount', path)];
  const value = parseMount(want);
  if (!value) return undefined;
  if (isRemount(facts, path, want)) return [run('mount', '-o', `remount,${value.options}`, path)];
  return [run('mkdir', '-p', path), run(...mountArgv(path, value))];
};

const countOf = (facts: Facts, path: string): number =>
  parseMounts(asked(facts, path) ?? '').filter((one) => one.path === path).length;

// An umount that failed has left it there.
const REMOUNT = '[ "$(grep -cF " $1 " /proc/mounts)" -ge "$2" ] || { shift 2; exec "$@"; }';

const mountedAgain = (facts: Facts, path: string, before: Mount): Step =>
  run('/bin/sh', '-c', REMOUNT, 'mount', path, String(Math.max(1, countOf(facts, path))), ...mountArgv(path, before));

// A mount that failed has left nothing to take away, and what is below it stays.
const UMOUNT = '[ "$(grep -cF " $1 " /proc/mounts)" -le "$2" ] || exec umount "$1"';

const umounted = (facts: Facts, path: string): Step =>
  asked(facts, path) === undefined
    ? run('umount', path)
    : run('/bin/sh', '-c', UMOUNT, 'umount', path, String(countOf(facts, path)));

/** What was mounted there before shows again; a folder that was made for it goes. */
const restore = (facts: Facts, path: string, want: string): readonly Step[] => {
  const before = now(facts, path);
  if (want === 'absent') return before ? [mountedAgain(facts, path, before)] : [];
  if (before && isRemount(facts, path, want)) return [run('mount', '-o', `remount,${before.options}`, path)];
  const made = asked(facts, path)?.startsWith('none') === true;
  const away: Step = {do: 'run', argv: ['rmdir', '--', path], optional: true};
  return [umounted(facts, path), ...(made ? [away] : [])];
};

/** Mounted file systems: `mount /sys/fs/bpf` holds `bpf`; with options, and a device where the type has one, `ext4 noatime /dev/vdb1`. */
export const mount: ResourceKind = {
  kind: 'mount',
  form: 'PATH, e.g. /sys/fs/bpf',
  knows: (path) => /^\/[^\s\\]*$/.test(path),
  problem: (_path, want) =>
    parseMount(want)
      ? undefined
      : 'is no file system: TYPE, TYPE OPTIONS, or TYPE OPTIONS DEVICE where the type is on a device',
  reads: read,
  shown: shownMount,
  live,
  boot: ({os}, path) => {
    const type = MOUNTED_BY_SYSTEMD[path];
    return type !== undefined && os.init === 'systemd' ? {held: {value: type}, by: 'systemd'} : {held: 'default'};
  },
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, _path, held, want) => sameMount(held, want),
  steps,
  restore,
};
