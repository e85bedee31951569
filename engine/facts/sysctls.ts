import type {Held} from '../model/setting.ts';
import {shellQuote} from '../model/shell.ts';
import type {Fact, Wanted} from './fact.ts';
import type {Frames} from './frames.ts';
import {isGlob} from './glob.ts';
import {loadedModules} from './modules.ts';
import {disturbedBy, RECKONED} from './sysctl-disturbed.ts';
import {SYSCTL_FILES_SCRIPT, type SysctlLine, sysctlLines} from './sysctl-lines.ts';

export {type SysctlLine, winningLine} from './sysctl-lines.ts';

export type Sysctls = {
  /**
   * Live values by slash-form key: white space inside a vector value is one blank. All keys that were asked for by name
   * are there, those that a glob found, and the few that other facts read; empty for an image. A key that is not there
   * was not asked for. What the kernel rewrites along with a key comes with it (`disturbedBy`).
   */
  live: Readonly<Record<string, Held>>;
  /** All assignments in the order in which systemd-sysctl applies them: the last one of a key wins. */
  configured: readonly SysctlLine[];
};

const ROOT = '/proc/sys/';

/** What may be a key: the kernel's names and interfaces' names, and globs; nothing that leads out of /proc/sys. */
const readable = (key: string): boolean =>
  /^[\w.@+*?[\]/-]+$/.test(key) && !key.split('/').some((part) => ['', '.', '..'].includes(part));

const script = ({sysctls}: Wanted): string => {
  const keys = new Set([RECKONED, ...sysctls.filter(readable).flatMap((key) => [key, ...disturbedBy(key)])]);
  return `g /proc/sys ${[...keys].map(shellQuote).join(' ')}\n${SYSCTL_FILES_SCRIPT}`;
};

// Keys that exist once their module is loaded; all others are the kernel's own.
const MODULE_KEYS: readonly (readonly [string, string])[] = [
  ['net/netfilter/nf_conntrack', 'nf_conntrack'],
  ['net/netfilter/nf_flowtable', 'nf_conntrack'],
  ['net/nf_conntrack_max', 'nf_conntrack'],
  ['net/bridge/', 'br_netfilter'],
  ['net/ipv4/vs/', 'ip_vs'],
  ['net/mpls/', 'mpls_router'],
  ['net/sctp/', 'sctp'],
  ['sunrpc/', 'sunrpc'],
  ['fs/nfs/', 'lockd'],
];

/** The module whose loading brings a key (slash form); undefined for the kernel's own. */
export const moduleOfKey = (key: string): string | undefined =>
  MODULE_KEYS.find(([prefix]) => key.startsWith(prefix))?.[1];

const missing = (key: string, loaded: readonly string[]): Held => {
  const module = moduleOfKey(key);
  return module !== undefined && !loaded.includes(module) ? 'absent' : 'unsupported';
};

const liveOf = (frames: Frames, loaded: readonly string[]): Sysctls['live'] => {
  const live: Record<string, Held> = {};
  const add = (path: string, held: (key: string) => Held): void => {
    const key = path.slice(ROOT.length);
    if (path.startsWith(ROOT) && !isGlob(key)) live[key] = held(key);
  };
  for (const path of frames.absent) add(path, (key) => missing(key, loaded));
  for (const [path, reason] of frames.refused) add(path, () => ({unreadable: reason}));
  for (const [path, text] of frames.files) add(path, () => ({value: text.trim().replaceAll(/\s+/g, ' ')}));
  return live;
};

const parse = (frames: Frames): Sysctls => ({
  live: liveOf(frames, loadedModules(frames)),
  configured: sysctlLines(frames),
});

/** What reads one more key (slash form, or a glob); nothing where it can be none. */
export const sysctlScript = (key: string): string => (readable(key) ? `g /proc/sys ${shellQuote(key)}` : '');

/** The facts with the keys that a later probe has read. */
export const withLive = (before: Sysctls, frames: Frames, loaded: readonly string[]): Sysctls => ({
  ...before,
  live: {...before.live, ...liveOf(frames, loaded)},
});

export const sysctls: Fact<Sysctls> = {name: 'sysctls', script, parse};
