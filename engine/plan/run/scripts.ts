import {shellQuote} from '../../model/shell.ts';
import {KEPT, RUNNING} from './library-journal.ts';
import {runRecord} from './record.ts';
import {runFile} from './run-file.ts';
import {type RunSpec, runWord} from './spec.ts';

/** A script as one function called by its last line, whose own last word says that all of it came: a cut one runs nothing. */
export const sealed = (body: string): string => `linerate_send() {
[ "$1" = whole ] || return 0
${body}
}
linerate_send whole
`;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const written = (name: string, text: string): string => `printf '%s' ${shellQuote(text)} >"$D/${name}"`;

/** Writes a file and checks that its bytes are all there: a full /run keeps the beginning without a word. */
export const sent = (name: string, text: string): string => `{ ${written(name, text)} &&
[ "$(wc -c <"$D/${name}")" -eq ${String(bytesOf(text))} ]; } 2>/dev/null || no_room`;

/** As `sent`, for two files: one program counts the bytes of both. */
const bothSent = (one: string, text: string, other: string, more: string): string => `{ ${written(one, text)} &&
${written(other, more)} &&
case $(wc -c "$D/${one}" "$D/${other}") in *[!0-9]${String(bytesOf(text + more))}" total") ;; *) false ;; esac; } 2>/dev/null || no_room`;

/**
 * Puts a run on its host, arms its guard, sees that it is alive, and starts the run outside of this session. Answers as
 * `followScript` does, or `refused CODE TEXT`.
 */
export const startScript = (run: RunSpec): string =>
  sealed(`PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
D=${RUNNING}/${runWord(run.id)}
no_room() { rm -rf "$D"; printf 'refused no-room %s\\nend\\n' "$D"; exit 0; }
[ -d ${RUNNING} ] || mkdir -p -m 700 ${RUNNING} 2>/dev/null
mkdir -m 700 "$D" 2>/dev/null || no_room
${bothSent('run.json', runRecord(run), 'run.sh', runFile(run))}
exec /bin/sh "$D/run.sh" start`);

const ask = (run: string, words: string): string =>
  sealed(`for D in ${RUNNING}/${runWord(run)} ${KEPT}/${run}; do
# The first may go to the second's place in this very moment.
[ ! -e "$D/run.sh" ] || { /bin/sh "$D/run.sh" ${words} 2>/dev/null && return 0; }
done
printf 'refused unknown-run %s\\nend\\n' ${run}`);

/** What the run's log says after the lines that are known, and how it stands: waits a second or two for news. */
export const followScript = (run: string, lines: number): string => ask(run, `follow ${String(lines)}`);

/** Confirms the run and waits for what comes of it; answers as `followScript` does. */
export const confirmScript = (run: string, lines: number): string => ask(run, `confirm ${String(lines)}`);

/** Undoes the run at once, unless it is confirmed, and waits until it is undone; answers as `followScript` does. */
export const undoNowScript = (run: string, lines: number, reason: string): string =>
  ask(run, `undo ${String(lines)} ${shellQuote(reason.slice(0, 500))}`);
