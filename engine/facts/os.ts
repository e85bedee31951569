import {type Known, isUnknown} from '../model/known.ts';
import {compareVersions} from '../model/version.ts';
import type {Fact} from './fact.ts';
import {type Frames, fileOf, textOf} from './frames.ts';
import {present} from './present.ts';

/** Who this host is and what runs on it. */
export type Os = {
  hostname: string;
  /** `debian`, `ubuntu`, `rhel`, `amzn` … of os-release. */
  id: string;
  idLike: readonly string[];
  versionId: string;
  prettyName: string;
  /** `6.1.0-30-amd64`; of an image: the newest kernel in /lib/modules, empty when it has none. */
  kernel: string;
  /** `uname -m`'s word; empty for an image. */
  architecture: string;
  init: 'systemd' | 'other';
  /** The user that the probe ran as; uid -1 for an image. */
  user: {uid: number; name: string};
  /** Identity for stale-plan checks: /etc/machine-id. */
  machineId: Known<string>;
  bootId: Known<string>;
  /** 0 for an image. */
  uptimeSeconds: number;
  /** SSH_CONNECTION as read before sudo: `client port server port`; absent for a local run. */
  sshConnection?: {clientAddress: string; serverAddress: string};
};

const SCRIPT = `f /etc/os-release /usr/lib/os-release /etc/machine-id /etc/hostname /proc/uptime
g /proc/sys kernel/hostname kernel/osrelease kernel/random/boot_id
x machine uname -m
x user id
say ssh-connection "\${LR_SSH_CONNECTION:-\${SSH_CONNECTION-}}"
e init /run/systemd/system /usr/lib/systemd/systemd /lib/systemd/systemd
[ -e "$R/proc/sys/kernel/osrelease" ] || e kernels '/lib/modules/*'`;

/** Reads `KEY=value` lines as os-release(5) quotes them: plain, 'single' or "double" with backslashes. */
export const shellAssignments = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s#]*))/gm)].map(
      ([, name = '', double, single, plain]) => [name, single ?? (double ?? plain ?? '').replaceAll(/\\(.)/g, '$1')],
    ),
  );

const userOf = (frames: Frames): Os['user'] => {
  const match = /^uid=(\d+)(?:\(([^)]*)\))?/.exec(frames.runs.get('user')?.output ?? '');
  return match ? {uid: Number(match[1]), name: match[2] ?? ''} : {uid: -1, name: ''};
};

const sshConnectionOf = (frames: Frames): Os['sshConnection'] => {
  const [clientAddress, , serverAddress] = (frames.runs.get('ssh-connection')?.output ?? '').trim().split(/\s+/);
  return clientAddress === undefined || serverAddress === undefined ? undefined : {clientAddress, serverAddress};
};

const kernelOf = (frames: Frames): string => {
  const installed = (frames.lists.get('kernels') ?? []).map((path) => path.slice(path.lastIndexOf('/') + 1));
  return textOf(frames, '/proc/sys/kernel/osrelease') ?? installed.sort(compareVersions).at(-1) ?? '';
};

const hostnameOf = (frames: Frames): string => {
  const configured = (textOf(frames, '/etc/hostname') ?? '').split('\n').find((line) => !line.startsWith('#'));
  return textOf(frames, '/proc/sys/kernel/hostname') ?? configured?.trim() ?? '';
};

// An image's machine-id is empty or the word `uninitialized` until its first boot (machine-id(5)).
const machineIdOf = (frames: Frames): Known<string> => {
  const text = fileOf(frames, '/etc/machine-id');
  if (isUnknown(text)) return text;
  return /^[0-9a-f]{32}$/.test(text.trim()) ? text.trim() : {unknown: 'not set yet'};
};

const bootIdOf = (frames: Frames): Known<string> => {
  const text = fileOf(frames, '/proc/sys/kernel/random/boot_id');
  return isUnknown(text) ? text : text.trim();
};

/** A running system says what runs it by /run/systemd/system (sd_booted(3)); an image by what is installed. */
export const initOf = (frames: Frames): Os['init'] => {
  const there = frames.lists.get('init') ?? [];
  const running = frames.files.has('/proc/uptime');
  return (running ? there.includes('/run/systemd/system') : there.length > 0) ? 'systemd' : 'other';
};

const parse = (frames: Frames): Os => {
  const release = shellAssignments(
    frames.files.get('/etc/os-release') ?? frames.files.get('/usr/lib/os-release') ?? '',
  );
  return present({
    hostname: hostnameOf(frames),
    id: release['ID'] ?? 'linux',
    idLike: (release['ID_LIKE'] ?? '').split(/\s+/).filter((word) => word !== ''),
    versionId: release['VERSION_ID'] ?? '',
    prettyName: release['PRETTY_NAME'] ?? 'Linux',
    kernel: kernelOf(frames),
    architecture: frames.runs.get('machine')?.output.trim() ?? '',
    init: initOf(frames),
    user: userOf(frames),
    machineId: machineIdOf(frames),
    bootId: bootIdOf(frames),
    uptimeSeconds: Number((textOf(frames, '/proc/uptime') ?? '0').split(' ')[0]),
    sshConnection: sshConnectionOf(frames),
  });
};

export const os: Fact<Os> = {name: 'os', script: () => SCRIPT, parse};
