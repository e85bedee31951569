import {spawnSync} from 'node:child_process';
import type {Fact} from '../../engine/facts/fact.ts';
import {type Frames, parseFrames} from '../../engine/facts/frames.ts';
import {probeScript} from '../../engine/facts/probe.ts';

const TOKEN = 'Qx7probe';

export type NamespaceProbe = {
  /** The shell that runs the probe: `dash`, `bash --posix`, `busybox sh`. */
  shell?: string;
  /** Shell words run before it, as root of the namespaces: `ip link add …`, a tree on the tmpfs at /mnt. */
  prepare?: string;
  /** The root directory that is probed; empty for the namespace itself. */
  root?: string;
  /** Directories that the probe finds commands in, instead of its own PATH. */
  path?: string;
};

/**
 * Runs facts' scripts in fresh user, network and mount namespaces, which vanish with the process: no root needed, and
 * nothing is left behind. The script comes by standard input, as over SSH.
 */
export const probeInNamespace = (facts: readonly Fact<unknown>[], options: NamespaceProbe = {}): Frames => {
  const script = probeScript(
    facts.map((fact) => fact.script({sysctls: []})),
    {token: TOKEN, root: options.root ?? ''},
  );
  const prepare = `set -e; mount -t sysfs none /sys; mount -t tmpfs none /mnt; ${options.prepare ?? ''}`;
  const run = spawnSync('unshare', ['-Urnm', 'sh', '-c', `${prepare}\nexec ${options.shell ?? 'sh'}`], {
    input: options.path === undefined ? script : script.replace(/^PATH=.*$/m, `PATH=${options.path}`),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (run.error || run.status !== 0 || run.stderr !== '') {
    throw new Error(`the probe failed in its namespace (unshare of util-linux): ${run.error?.message ?? run.stderr}`);
  }
  return parseFrames(run.stdout, TOKEN);
};
