import {shellQuote} from '../model/shell.ts';
import type {Frames} from './frames.ts';
import {quotedPatterns} from './merged-files.ts';
import {globPattern} from './glob.ts';
import {TUNING_SOURCES, type TuningFileKind} from './tuning-sources.ts';

/** A file that sets what linerate plans. */
export type TuningFile = {
  path: string;
  kind: TuningFileKind;
  /** The lines that matter, in their places (the others are empty), of at most 8 kB: never a file's secrets. */
  text: string;
  /** Why the file could not be read; `text` is then empty. */
  unreadable?: string;
};

// TuneD's active profile and those that it includes, by name: at most nine, as a file may include itself.
const TUNED = String.raw`
queue=
[ ! -r "$R/etc/tuned/active_profile" ] || read -r queue <"$R/etc/tuned/active_profile"
set --
while [ -n "$queue" ] && [ $# -lt 9 ]; do
  profile=${'$'}{queue%%[, ]*}
  queue=${'$'}{queue#"$profile"}
  queue=${'$'}{queue#[, ]}
  for dir in /etc/tuned /etc/tuned/profiles /usr/lib/tuned /usr/lib/tuned/profiles; do
    [ -n "$profile" ] && [ -r "$R$dir/$profile/tuned.conf" ] || continue
    set -- "$@" "$dir/$profile/tuned.conf"
    while read -r line; do
      case $line in include=*) queue="$queue ${'$'}{line#include=}" ;; esac
    done <"$R$dir/$profile/tuned.conf"
    break
  done
done
w '^[[:space:]]*[^#[:space:]]' "$@"`;

/** Reads the lines that matter of all files that may set what linerate plans. */
export const TUNING_FILES_SCRIPT = [
  ...TUNING_SOURCES.map(
    ({lines, files}) => `w ${shellQuote(lines)} ${quotedPatterns(files.flatMap(([, globs]) => globs))}`,
  ),
  TUNED,
].join('\n');

const PATTERNS: readonly (readonly [TuningFileKind, RegExp])[] = [
  ...TUNING_SOURCES.flatMap(({files}) =>
    files.flatMap(([kind, globs]) => globs.map((glob) => [kind, globPattern(glob)] as const)),
  ),
  ['tuned', /^\/(?:etc|usr\/lib)\/tuned\/.*\/tuned\.conf$/],
];

// Most of a large host's paths lie below /sys and /proc.
const kindOf = (path: string): TuningFileKind | undefined =>
  /^\/(?:etc|run|usr|lib)\//.test(path) ? PATTERNS.find(([, pattern]) => pattern.test(path))?.[0] : undefined;

const MOST = 8192;

const capped = (text: string): string => (text.length > MOST ? text.slice(0, text.lastIndexOf('\n', MOST)) : text);

/** Files that set what linerate plans, by path; one that could not be read says so. */
export const tuningFiles = (frames: Frames): readonly TuningFile[] => {
  const files: TuningFile[] = [];
  for (const [path, text] of frames.files) {
    const kind = kindOf(path);
    if (kind !== undefined) files.push({path, kind, text: capped(text)});
  }
  for (const [path, unreadable] of frames.refused) {
    const kind = kindOf(path);
    if (kind !== undefined) files.push({path, kind, text: '', unreadable});
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
};
