import type {Held} from '../model/setting.ts';

/** One assignment in a sysctl.d file, as systemd reads it. */
export type SysctlLine = {
  /** Slash form; may be a glob (`net/ipv4/conf/*\/rp_filter`). */
  key: string;
  value: string;
  /** `/etc/sysctl.d/99-x.conf:3`. */
  at: string;
  /** `-key = value`: failures are ignored; `-key` alone excludes it from globs. */
  ignoreErrors: boolean;
};

export type Sysctls = {
  /** Live values by slash-form key: white space inside a vector value is one blank. */
  live: Readonly<Record<string, Held>>;
  /** All assignments in the order in which systemd-sysctl applies them: the last one of a key wins. */
  configured: readonly SysctlLine[];
};
