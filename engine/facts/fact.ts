import type {Frames} from './frames.ts';

/** What the sheets and the caller want read beyond what every host is asked. */
export type Wanted = {
  /** Sysctl keys in slash form that some sheet names; `net/ipv4/conf/*` patterns are shell globs. */
  sysctls: readonly string[];
};

/** One fact: what to read on the host, and the pure function that makes the typed value of what came back. */
export type Fact<T> = {
  name: string;
  /** POSIX sh, written in the probe's functions (`probe.ts`). */
  script(wanted: Wanted): string;
  /** Never throws: what is missing or odd becomes an unknown or an absent value. */
  parse(frames: Frames): T;
};
