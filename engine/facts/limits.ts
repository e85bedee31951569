import type {Fact} from './fact.ts';
import type {Frames} from './frames.ts';
import {type Line, directoriesOf, linesOf, mergedFiles, quotedPatterns} from './merged-files.ts';
import {present} from './present.ts';

export type Limits = {
  /** limits.conf and limits.d in PAM's order, then systemd's DefaultLimit* (domain `systemd`, item `LimitNOFILE`). */
  configured: readonly {at: string; domain: string; item: string; kind: 'soft' | 'hard' | '-'; value: string}[];
  /** Of the probe's own shell; absent where it has none. */
  nofileSoft?: number;
  nofileHard?: number;
  memlockKb?: number | 'unlimited';
};

const MANAGER = directoriesOf('systemd/system.conf.d');
const MANAGER_FILES = quotedPatterns(['/etc/systemd/system.conf', ...MANAGER.map((path) => `${path}/*.conf`)]);

const SCRIPT = `f /proc/self/limits
e limits '/etc/security/limits.d/*.conf'
e manager-limits ${MANAGER_FILES}
w '^[[:space:]]*[^#[:space:]]' /etc/security/limits.conf '/etc/security/limits.d/*.conf'
w '^[[:space:]]*DefaultLimit' ${MANAGER_FILES}`;

type Configured = Limits['configured'][number];

const pamLine = ({text, at}: Line): Configured | undefined => {
  const [domain, kind, item, value] = text.replace(/#.*/, '').trim().split(/\s+/);
  if (domain === undefined || item === undefined || value === undefined) return undefined;
  return kind === 'soft' || kind === 'hard' || kind === '-' ? {at, domain, item, kind, value} : undefined;
};

const systemdLine = ({text, at}: Line): readonly Configured[] => {
  const [, item = '', value = ''] = /^\s*Default(Limit\w+)\s*=\s*(\S+)\s*$/.exec(text) ?? [];
  if (item === '') return [];
  const [soft = '', hard] = value.split(':');
  if (hard === undefined) return [{at, domain: 'systemd', item, kind: '-', value: soft}];
  return [
    {at, domain: 'systemd', item, kind: 'soft', value: soft},
    {at, domain: 'systemd', item, kind: 'hard', value: hard},
  ];
};

const configuredOf = (frames: Frames): readonly Configured[] => {
  const sessions = ['/etc/security/limits.conf', ...(frames.lists.get('limits') ?? [])];
  const dropIns = mergedFiles(frames.lists.get('manager-limits') ?? [], MANAGER);
  const lines = (paths: readonly string[]): readonly Line[] => paths.flatMap((path) => linesOf(frames, path));
  return [
    ...lines(sessions).flatMap((line) => pamLine(line) ?? []),
    ...lines(['/etc/systemd/system.conf', ...dropIns]).flatMap(systemdLine),
  ];
};

/** Soft and hard limit of one line of /proc/PID/limits, in its own unit; undefined where it is not there. */
const limitOf = (frames: Frames, name: string): readonly [string, string] | undefined => {
  const text = frames.files.get('/proc/self/limits') ?? '';
  const [, soft, hard] = new RegExp(`^${name}\\s+(\\w+)\\s+(\\w+)`, 'm').exec(text) ?? [];
  return soft === undefined || hard === undefined ? undefined : [soft, hard];
};

const kilobytesOf = (bytes: string): number | 'unlimited' =>
  bytes === 'unlimited' ? bytes : Math.floor(Number(bytes) / 1024);

const parse = (frames: Frames): Limits => {
  const files = limitOf(frames, 'Max open files');
  const locked = limitOf(frames, 'Max locked memory')?.[0];
  return present({
    configured: configuredOf(frames),
    nofileSoft: files && Number(files[0]),
    nofileHard: files && Number(files[1]),
    memlockKb: locked === undefined ? undefined : kilobytesOf(locked),
  });
};

export const limits: Fact<Limits> = {name: 'limits', script: () => SCRIPT, parse};
