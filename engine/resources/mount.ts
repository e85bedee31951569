import type {ResourceKind} from './resource.ts';

// systemd mounts it by itself at every boot since 238 (src/shared/mount-setup.c).
const MOUNTED_BY_SYSTEMD: Readonly<Record<string, string>> = {'/sys/fs/bpf': 'bpf', '/sys/fs/cgroup': 'cgroup2'};

/** Mounted file systems, by their type: `mount /sys/fs/bpf` holds `bpf`. */
export const mount: ResourceKind = {
  kind: 'mount',
  form: 'PATH, e.g. /sys/fs/bpf',
  knows: (rest) => /^\/\S*$/.test(rest),
  problem: (_rest, want) => (/^[\w.]+$/.test(want) ? undefined : 'is no file system type'),
  live: ({mounts}, rest) => {
    const found = mounts.findLast((one) => one.path === rest);
    return found ? {value: found.type} : 'absent';
  },
  boot: ({os}, rest) => {
    const type = MOUNTED_BY_SYSTEMD[rest];
    return type !== undefined && os.init === 'systemd' ? {held: {value: type}, by: 'systemd'} : {held: 'default'};
  },
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => a.trim() === b.trim(),
  steps: (_facts, rest, want) => [
    {do: 'run', argv: ['mkdir', '-p', rest]},
    {do: 'run', argv: ['mount', '-t', want, want, rest]},
  ],
  // What was mounted there before shows again.
  restore: (_facts, rest) => [{do: 'run', argv: ['umount', rest]}],
};
