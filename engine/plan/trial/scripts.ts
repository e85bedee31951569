import {shellQuote} from '../../model/shell.ts';
import type {FileTemplates} from '../lasting/lasting-file.ts';
import {KEPT, RUNNING} from '../run/library-journal.ts';
import {sealed, sent} from '../run/scripts.ts';
import {runWord} from '../run/spec.ts';
import {trialFile} from './trial-file.ts';
import type {TrialSpec} from './trial.ts';

/** What the journal says of a trial: a run's record without changes of its own, and what it tries. */
const record = ({id, host, by, at, digest, trial}: TrialSpec): string =>
  `${JSON.stringify({
    format: 'linerate-run',
    version: 1,
    id,
    host,
    by,
    at,
    digest,
    trial: {tries: trial.tries, carries: trial.carries},
    files: [],
    changes: [],
    lasting: [],
  })}\n`;

/**
 * Puts a trial on its host, which arms it and reboots outside of this session. Answers as `trialStatusScript` does, or
 * `refused CODE TEXT`.
 */
export const startTrialScript = (spec: TrialSpec, templates: FileTemplates): string =>
  sealed(`PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
D=${RUNNING}/${runWord(spec.id)}
no_room() { rm -rf "$D"; printf 'refused no-room %s\\nend\\n' "$D"; exit 0; }
mkdir -p -m 700 ${RUNNING} 2>/dev/null && mkdir -m 700 "$D" 2>/dev/null || no_room
${sent('run.json', record(spec))}
${sent('trial.sh', trialFile(spec, templates))}
exec /bin/sh "$D/trial.sh" start`);

const ask = (run: string, words: string): string =>
  sealed(`D=${KEPT}/${runWord(run)}
if [ -e "$D/trial.sh" ]; then exec /bin/sh "$D/trial.sh" ${words} 2>/dev/null; fi
printf 'refused unknown-run %s\\nend\\n' ${run}`);

/** Which boot the host is in, how the trial stands, and its log after the lines that are known. */
export const trialStatusScript = (run: string, lines: number): string => ask(run, `status ${String(lines)}`);

/** Keeps the trial boot that runs, unless its deadline was faster; answers as `trialStatusScript` does. */
export const keepTrialScript = (run: string, lines: number): string => ask(run, `keep ${String(lines)}`);

/** Says that what was kept now lasts; answers as `trialStatusScript` does. */
export const trialWrittenScript = (run: string, lines: number): string => ask(run, `written ${String(lines)}`);

/** Has the host go back at once to its earlier boot; answers as `trialStatusScript` does. */
export const dropTrialScript = (run: string, lines: number, reason: string): string =>
  ask(run, `drop ${String(lines)} ${shellQuote(reason.slice(0, 500))}`);
