import type {Change, Step} from '../../model/change.ts';
import {filesOf, keptFiles, type RunSpec} from './spec.ts';

/**
 * `looks PATH`: what lies there in one line, `file SHA256 MODE UID GID`, `link TARGET`, `absent` or `other`: equal lines are
 * equal files.
 */
export const LOOKS = String.raw`
looks() {
  if [ -h "$1" ]; then printf 'link %s\n' "$(readlink "$1")"
  elif [ -f "$1" ]; then
    set -- "$(sha256sum <"$1")" "$(stat -c '%a %u %g' "$1")"
    printf 'file %s %s\n' "${'$'}{1%% *}" "$2"
  elif [ -e "$1" ]; then printf 'other\n'
  else printf 'absent\n'; fi
}
`;

/** `all_looks PATH…`: of each its place (from 0) and what `looks` says, in any order; two programs tell it of all of them. */
export const ALL_LOOKS = String.raw`
all_looks() {
  place=0 places=''
  for file; do
    shift
    if [ -f "$file" ] && [ ! -h "$file" ]; then
      set -- "$@" "$file"
      places="$places $place"
    else
      printf '%s ' "$place"
      looks "$file"
    fi
    place=$((place + 1))
  done
  [ $# -gt 0 ] || return 0
  sha256sum -- "$@" >"$D/sums" && stat -c '%a %u %g' -- "$@" >"$D/modes" || return 1
  for place in $places; do
    # A name with a backslash is told with one before the sum.
    read -r sum _ <&3 && read -r mode <&4 && printf '%s file %s %s\n' "$place" "${'$'}{sum#\\}" "$mode" || return 1
  done 3<"$D/sums" 4<"$D/modes"
}
`;

const QUEUE_FILE = /^\/sys\/class\/net\/[^/]+\/queues\//;

const isOfQueues = (step: Step): boolean =>
  step.do === 'affinity' || (step.do === 'write' && QUEUE_FILE.test(step.path));

// What the kernel works out anew whenever the change's own value is written.
const isReckoned = (step: Step, {steps}: Change): boolean =>
  step.do === 'write' && step.ifOther === true && !steps.some((own) => own.do === 'write' && own.path === step.path);

const withoutSteps = ({steps: _steps, undo: _undo, ...change}: Change): Omit<Change, 'steps' | 'undo'> => change;

const commandsOf = (steps: readonly Step[]): readonly Step[] => steps.filter((step) => step.do === 'run');

// Which folders were made for them, only the way back knows.
const FOLDERS = /^(?:file|mount) /;

// What hung on a NIC's queues and vectors before it was reset, and what the kernel rewrites along, is no change's `before`:
// only its undo knows.
const liveTold = (change: Change): object => {
  const disturbs = /^(?:irq|queue) /.test(change.id)
    ? []
    : change.undo.filter((step) => isOfQueues(step) || isReckoned(step, change));
  const files = filesOf(change);
  return {
    ...withoutSteps(change),
    ...(disturbs.length > 0 && {disturbs}),
    ...((files.length > 0 || FOLDERS.test(change.id)) && {files, back: commandsOf(change.undo)}),
  };
};

const lastingTold = (change: Change): object => ({
  ...withoutSteps(change),
  carries: change.carries ?? [change.id],
  files: filesOf(change),
  forth: commandsOf(change.steps),
  back: commandsOf(change.undo),
});

/**
 * What the journal says of a run: plain JSON. `files` are those whose earlier bytes it keeps, each under its place here;
 * of a change that writes some also the commands that go with them, there and back.
 */
export const runRecord = (run: RunSpec): string => {
  const {id, host, by, at, digest, times, rollback, more, changes, lasting} = run;
  return `${JSON.stringify({
    format: 'linerate-run',
    version: 1,
    id,
    host,
    by,
    at,
    digest,
    times,
    ...(rollback && {rollback}),
    ...(more && {more}),
    files: keptFiles(run),
    changes: changes.map(liveTold),
    lasting: lasting.map(lastingTold),
  })}\n`;
};
