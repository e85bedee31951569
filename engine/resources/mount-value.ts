import type {Mount} from '../facts/mounts.ts';

/** A file system to be mounted: what a value `TYPE`, `TYPE OPTIONS` or `TYPE OPTIONS DEVICE` says. */
export type MountValue = {type: string; options: string; device: string};

// The kernel's own: they have no device, and are called by their type.
const WITHOUT_DEVICE = new Set(
  'bpf cgroup2 configfs debugfs devpts efivarfs hugetlbfs mqueue proc pstore ramfs resctrl securityfs sysfs tmpfs tracefs'.split(
    ' ',
  ),
);

const VALUE = /^([\w.]+)(?: ([^\s,]+(?:,[^\s,]+)*)(?: (\S+))?)?$/;

/** Reads such a value; undefined where it is none, or lacks the device that its type needs. */
export const parseMount = (value: string): MountValue | undefined => {
  const [, type = '', options = 'defaults', device] = VALUE.exec(value.trim()) ?? [];
  if (type === '' || type === 'absent' || (device === undefined && !WITHOUT_DEVICE.has(type))) return undefined;
  return {type, options, device: device ?? type};
};

/** A mount as such a value, in as few words as say it. */
export const mountText = ({type, options, device}: Omit<Mount, 'path'>): string =>
  WITHOUT_DEVICE.has(type)
    ? [type, ...(options === 'defaults' ? [] : [options])].join(' ')
    : `${type} ${options} ${device}`;

const UNITS: Readonly<Record<string, number>> = {'': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40};

const SIZES = /^(?:size|min_size|pagesize|nr_blocks|max)$/;

// The kernel writes sizes in units of its own, modes without zeros at the front, and yes and no in its own words.
const normal = (option: string): string => {
  const [name = '', value] = option.split('=');
  if (value === undefined) return name;
  const [, number, unit = ''] = /^(\d+)([kmgt]?)$/i.exec(value) ?? [];
  if (number !== undefined && SIZES.test(name))
    return `${name}=${String(Number(number) * (UNITS[unit.toLowerCase()] ?? 1))}`;
  return name === 'mode' ? `mode=${value.replace(/^0+(?=.)/, '')}` : option;
};

// They are so unless the opposite is said, and are not shown.
const OPPOSITES: Readonly<Record<string, string>> = {
  rw: 'ro',
  suid: 'nosuid',
  dev: 'nodev',
  exec: 'noexec',
  async: 'sync',
};

// mount(8) keeps these to itself.
const UNSEEN = /^(?:defaults|auto|noauto|nofail|_netdev|user|nouser|x-.*)$/;

const hasOption = (options: ReadonlySet<string>, wanted: string): boolean => {
  const opposite = OPPOSITES[wanted];
  return opposite === undefined ? UNSEEN.test(wanted) || options.has(normal(wanted)) : !options.has(opposite);
};

/** The options that a reader has to see. */
export const shownMount = (value: string): string => {
  const parsed = parseMount(value);
  if (!parsed) return value;
  const options = parsed.options.split(',').filter((one) => one !== 'rw' && one !== 'relatime' && one !== 'defaults');
  return [parsed.type, ...(options.length === 0 ? [] : [options.join(',')]), ...value.trim().split(' ').slice(2)].join(
    ' ',
  );
};

/** Whether a mounted file system is as a value wants it: of its type and device, with all the options that the value names. */
export const sameMount = (held: string, want: string): boolean => {
  const [is, wanted] = [parseMount(held), parseMount(want)];
  if (!is || !wanted) return held.trim() === want.trim();
  if (is.type !== wanted.type || is.device !== wanted.device) return false;
  const options = new Set(is.options.split(',').map(normal));
  return wanted.options.split(',').every((option) => hasOption(options, option));
};
