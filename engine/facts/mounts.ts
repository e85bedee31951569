import type {Fact} from './fact.ts';
import type {Frames} from './frames.ts';

export type Mount = {device: string; path: string; type: string; options: string};

// Hosts of containers mount hundreds of file systems that no plan looks at.
const PATHS = '/|/boot|/boot/efi|/efi|/usr|/etc|/run|/var|/tmp|/sys|/proc|/proc/sys';
const TYPES = 'hugetlbfs|bpf|cgroup2?|debugfs|tracefs|securityfs|selinuxfs|efivarfs|resctrl';

const SCRIPT = `w ' (${PATHS}) [^ ]+ [^ ]+ [0-9]+ [0-9]+$| (${TYPES}) [^ ]+ [0-9]+ [0-9]+$' /proc/mounts`;

// The kernel writes blanks, tabs, newlines and backslashes in names as octal (proc_pid_mounts(5)).
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The mounts that lines of /proc/mounts tell of. */
export const parseMounts = (text: string): readonly Mount[] =>
  text.split('\n').flatMap((line) => {
    const [device, path, type, options] = line.split(' ');
    if (device === undefined || path === undefined || type === undefined || options === undefined) return [];
    return [{device: unescaped(device), path: unescaped(path), type, options}];
  });

const parse = (frames: Frames): readonly Mount[] => parseMounts(frames.files.get('/proc/mounts') ?? '');

/** What is mounted on `/`: the last one, as an initramfs leaves its own root below it. */
export const rootMount = (frames: Frames): Mount | undefined => parse(frames).findLast((mount) => mount.path === '/');

/** Mounts that plans look at: system directories, hugetlbfs, bpf, cgroups and kernel file systems. */
export const mounts: Fact<readonly Mount[]> = {name: 'mounts', script: () => SCRIPT, parse};
