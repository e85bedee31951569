import {sysctlKey} from '../model/sysctl-key.ts';
import type {Frames} from './frames.ts';
import {expandBraces, globPattern, isGlob} from './glob.ts';
import {type Line, directoriesOf, linesOf, mergedFiles, quotedPatterns} from './merged-files.ts';

/** One assignment in a sysctl.d file, as systemd reads it. */
export type SysctlLine = {
  /** Slash form; may be a glob (`net/ipv4/conf/*\/rp_filter`). */
  key: string;
  value: string;
  /** `/etc/sysctl.d/99-x.conf:3`. */
  at: string;
  /** `-key = value`: failures are ignored; `-key` alone excludes it from globs. */
  ignoreErrors: boolean;
  /** True for `-key` alone: nothing is assigned. */
  exclusion?: boolean;
};

const DIRECTORIES = directoriesOf('sysctl.d');
const PATTERNS = quotedPatterns(DIRECTORIES.map((directory) => `${directory}/*.conf`));

/** A name that does not end like one of these, as grep's extended expressions have no other way to say it. */
const endingOtherwise = (endings: readonly string[]): string => {
  const tails = [...new Set(endings.flatMap((ending) => Array.from(ending, (_, index) => ending.slice(index + 1))))];
  return tails
    .map((tail) => {
      const before = endings.flatMap((ending) => (ending.endsWith(tail) ? [ending.at(-1 - tail.length) ?? ''] : []));
      return `[^${[...new Set(before)].join('')}=[:space:]]${tail}`;
    })
    .join('|');
};

/**
 * A line that assigns to a key which is no secret, as `net.ipv4.tcp_fastopen_key` and `net.ipv6.conf.*.stable_secret` are
 * (Documentation/networking/ip-sysctl.rst): grep's extended expression.
 */
export const PLAIN_ASSIGNMENT = `^[[:space:]]*[^#;=[:space:]][^=]*(${endingOtherwise(['_key', '_secret'])})[[:space:]]*=`;

/**
 * Names and lines of all sysctl.d files. /etc/sysctl.conf is not among them: systemd-sysctl reads it only through a
 * link such as Debian's 99-sysctl.conf. Where procps' `sysctl --system` runs at boot instead (no systemd), it is read
 * last in any case.
 */
export const SYSCTL_FILES_SCRIPT = `e sysctl.d ${PATTERNS}
w '${PLAIN_ASSIGNMENT}|^[[:space:]]*-[^=]*$' ${PATTERNS}`;

/** The key without the doubled slashes and dots that path_simplify() of systemd drops. */
const keyOf = (text: string): string =>
  sysctlKey(text.trim())
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

const lineOf = ({text, at}: Line): SysctlLine | undefined => {
  const line = text.trim();
  if (line === '' || line.startsWith('#') || line.startsWith(';')) return undefined;
  const ignoreErrors = line.startsWith('-');
  const assignment = ignoreErrors ? line.slice(1) : line;
  const equals = assignment.indexOf('=');
  if (equals >= 0) {
    const key = keyOf(assignment.slice(0, equals));
    return {key, value: assignment.slice(equals + 1).trim(), at, ignoreErrors};
  }
  return ignoreErrors ? {key: keyOf(assignment), value: '', at, ignoreErrors, exclusion: true} : undefined;
};

/** All assignments of all files in the order in which they are read. */
export const sysctlLines = (frames: Frames): readonly SysctlLine[] =>
  mergedFiles(frames.lists.get('sysctl.d') ?? [], DIRECTORIES)
    .flatMap((path) => linesOf(frames, path))
    .flatMap((line) => lineOf(line) ?? []);

/** What systemd-sysctl writes: assignments by key, and globs in their order with what they match. */
type Effective = {
  exact: ReadonlyMap<string, SysctlLine>;
  globs: readonly {line: SysctlLine; patterns: readonly RegExp[]}[];
};

/** Each line replaces the earlier one of the same key. */
const effectiveOf = (lines: readonly SysctlLine[]): Effective => {
  const kept = new Map<string, SysctlLine>();
  for (const line of lines) {
    const earlier = kept.get(line.key);
    // Of two equal assignments systemd keeps the place of the first, which matters between globs.
    if (earlier?.value !== line.value || earlier.exclusion !== line.exclusion) kept.delete(line.key);
    kept.set(line.key, line);
  }
  const globs = [...kept.values()].filter(({key, exclusion}) => isGlob(key) && exclusion !== true);
  return {exact: kept, globs: globs.map((line) => ({line, patterns: expandBraces(line.key).map(globPattern)}))};
};

// Plans ask for hundreds of keys of the same lines.
const known = new WeakMap<readonly SysctlLine[], Effective>();

/**
 * The line that decides what systemd-sysctl writes to `key` (slash form, no glob): an assignment of the very key before
 * any glob, whatever their order; the last of several. Undefined when nothing is written, also because of a `-key`
 * line, which keeps globs off. That holds for exact keys only, as in systemd: `-glob` excludes nothing.
 */
export const winningLine = (configured: readonly SysctlLine[], key: string): SysctlLine | undefined => {
  const effective = known.get(configured) ?? effectiveOf(configured);
  known.set(configured, effective);
  const exact = effective.exact.get(key);
  if (exact) return exact.exclusion === true ? undefined : exact;
  return effective.globs.findLast(({patterns}) => patterns.some((pattern) => pattern.test(key)))?.line;
};
