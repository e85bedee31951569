import {spawnSync} from 'node:child_process';

/** Shells that a host's /bin/sh may be. */
export const SHELLS = ['dash', 'bash --posix', 'busybox sh'] as const;

export const PREPARE = `
mount -t tmpfs sandbox /run && mount -t tmpfs sandbox /var/lib && mount -t tmpfs sandbox /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work sandbox /etc
cd /
`;

/**
 * Runs a script as root in namespaces of its own: its network, its processes, and what it writes below /run, /var/lib and
 * /etc go with it. Answers with what it printed.
 */
export const inSandbox = (script: string, input = ''): string => {
  const flags = ['--mount', '--pid', '--fork', '--mount-proc', '--net', '--kill-child', '--propagation', 'private'];
  const {status, stdout, stderr, error} = spawnSync('unshare', [...flags, 'sh', '-c', PREPARE + script], {
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`the sandbox ended with status ${String(status)} (root is needed): ${stderr}`);
  return stdout;
};
