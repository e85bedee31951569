import {shellQuote} from '../model/shell.ts';
import type {Frames} from './frames.ts';
import {quotedPatterns} from './merged-files.ts';
import {globPattern} from './glob.ts';
import {PLAIN_ASSIGNMENT} from './sysctl-lines.ts';
import {IFUPDOWN_LINES, TUNING_SOURCES, type TuningFileKind} from './tuning-sources.ts';

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
inside /etc/tuned/active_profile
[ ! -r "$R$at" ] || read -r queue <"$R$at"
set --
while [ -n "$queue" ] && [ $# -lt 9 ]; do
  profile=${'$'}{queue%%[, ]*}
  queue=${'$'}{queue#"$profile"}
  queue=${'$'}{queue#[, ]}
  for dir in /etc/tuned /etc/tuned/profiles /usr/lib/tuned /usr/lib/tuned/profiles; do
    inside "$dir/$profile/tuned.conf"
    [ -n "$profile" ] && [ -r "$R$at" ] || continue
    set -- "$@" "$dir/$profile/tuned.conf"
    while read -r line; do
      case $line in include=*) queue="$queue ${'$'}{line#include=}" ;; esac
    done <"$R$at"
    break
  done
done
w '^[[:space:]]*\[|${PLAIN_ASSIGNMENT}' "$@"`;

// What /etc/network/interfaces sources; of a directory only names that interfaces(5) takes, which leaves old copies out.
const SOURCED = String.raw`
set --
inside /etc/network/interfaces
if [ -r "$R$at" ]; then
  while read -r word place line; do
    case $place in *[!A-Za-z0-9_.*?/-]*) continue ;; /*) ;; *) place=/etc/network/$place ;; esac
    case $word in
      source) set -- "$@" "$place" ;;
      source-directory)
        for entry in "$R$place"/*; do
          case ${'$'}{entry##*/} in *[!A-Za-z0-9_-]*) ;; *) set -- "$@" "$place/${'$'}{entry##*/}" ;; esac
        done ;;
    esac
  done <"$R$at"
fi
e ifupdown "$@"
o ${shellQuote(IFUPDOWN_LINES)} "$@"`;

// What runs these leaves out those that are not executable: systemd-rc-local-generator(8), run-parts(8), NetworkManager-dispatcher(8).
const SCRIPTS = (
  '/etc/rc.local /etc/rc.d/rc.local /etc/init.d/boot.local /etc/local.d/*.start /etc/network/if-pre-up.d/* ' +
  '/etc/network/if-up.d/* /etc/NetworkManager/dispatcher.d/* /etc/networkd-dispatcher/*.d/*'
).split(' ');

const IDLE = 'idle-scripts';

const IDLE_SCRIPT = String.raw`idle=
for p in ${SCRIPTS.map((glob) => `"$R"${glob}`).join(' ')}; do
  inside "${'$'}{p#"$R"}"
  [ ! -f "$R$at" ] || [ -x "$R$at" ] || idle="$idle ${'$'}{p#"$R"}"
done
say ${IDLE} "$idle"`;

/** Scripts that nothing runs; an ordinary user cannot tell. */
const idleScripts = (frames: Frames): ReadonlySet<string> => {
  const user = frames.runs.get('user')?.output ?? 'uid=0';
  return new Set(/^uid=0\b/.test(user) ? (frames.runs.get(IDLE)?.output ?? '').split(' ') : []);
};

/** Reads the lines that matter of all files that may set what linerate plans. */
export const TUNING_FILES_SCRIPT = [
  ...TUNING_SOURCES.map(
    ({lines, words, files}) =>
      `${words ? 'o' : 'w'} ${shellQuote(lines)} ${quotedPatterns(files.flatMap(([, globs]) => globs))}`,
  ),
  SOURCED,
  TUNED,
  IDLE_SCRIPT,
].join('\n');

type Place = {kind: TuningFileKind; pattern: RegExp; words: boolean};

const PLACES: readonly Place[] = [
  ...TUNING_SOURCES.flatMap(({words = false, files}) =>
    files.flatMap(([kind, globs]) => globs.map((glob) => ({kind, pattern: globPattern(glob), words}))),
  ),
  {kind: 'tuned', pattern: /^\/(?:etc|usr\/lib)\/tuned\/.*\/tuned\.conf$/, words: false},
];

const SOURCED_FILE: Omit<Place, 'pattern'> = {kind: 'ifupdown', words: true};

/** What kind of file a path is; most of a large host's paths lie below /sys and /proc. */
const placesOf = (frames: Frames): ((path: string) => Omit<Place, 'pattern'> | undefined) => {
  const sourced = new Set(frames.lists.get('ifupdown'));
  return (path) => {
    if (!/^\/(?:etc|run|usr|lib)\//.test(path)) return undefined;
    return PLACES.find(({pattern}) => pattern.test(path)) ?? (sourced.has(path) ? SOURCED_FILE : undefined);
  };
};

// Conditions alone (of a udev rule, of a hook) tune nothing.
const CONDITIONS = /[A-Z]+(?:\{[^}]*\})?[!=]="[^"]*"|\[+\s+\S+\s+[!=]=?~?\s+\S+|\bcase\s+\S+\s+in\b/g;

/** The lines of a script without comments, and of udev's rules only those that do something; empty where none does. */
const withoutIdleWords = (kind: TuningFileKind, text: string): string => {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/(?:^|[\s;]+)#.*$|^\s*(?:pre-|post-)?(?:up|down)\s*$/, '').trimEnd());
  const acts = (line: string): boolean => /\w/.test(line.replaceAll(CONDITIONS, ''));
  if (!lines.some(acts)) return '';
  return (kind === 'udev' ? lines.map((line) => (acts(line) ? line : '')) : lines).join('\n').trimEnd();
};

const MOST = 8192;

const capped = (text: string): string => (text.length > MOST ? text.slice(0, text.lastIndexOf('\n', MOST)) : text);

/** Files that set what linerate plans, by path; one that could not be read says so. */
export const tuningFiles = (frames: Frames): readonly TuningFile[] => {
  const placeOf = placesOf(frames);
  const idle = idleScripts(frames);
  const files: TuningFile[] = [];
  for (const [path, whole] of frames.files) {
    const place = placeOf(path);
    if (!place || idle.has(path)) continue;
    const text = place.words ? withoutIdleWords(place.kind, whole) : whole;
    if (text !== '') files.push({path, kind: place.kind, text: capped(text)});
  }
  for (const [path, unreadable] of frames.refused) {
    const place = placeOf(path);
    if (place) files.push({path, kind: place.kind, text: '', unreadable});
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
};
