import type {Change} from '../../model/change.ts';
import {printableLine} from '../../model/printable.ts';
import type {SettingId} from '../../model/setting.ts';
import {shellJoin, shellQuote} from '../../model/shell.ts';
import {shownValue} from '../fold.ts';
import {APT} from './library-apt.ts';
import {DNF} from './library-dnf.ts';
import {GUARD} from './library-guard.ts';
import {JOURNAL} from './library-journal.ts';
import {PACKAGES} from './library-packages.ts';
import {START} from './library-start.ts';
import {STEPS} from './library-steps.ts';
import {ALL_LOOKS, LOOKS} from './record.ts';
import {
  keptFiles,
  numberedChanges,
  packagePrograms,
  type RunSpec,
  touchedNics,
  undoNumbers,
  writesDisk,
} from './spec.ts';
import {changeText, undoText} from './steps.ts';
import {syncs} from './syncs.ts';

const valueOf = (id: SettingId, text: string | undefined): string =>
  text === undefined ? 'nothing' : printableLine(shownValue(id, text), 120);

/** What a change does in one line, for the host's own log. */
const summaryLine = ({id, layer, before, after}: Change): string =>
  `${printableLine(id, 120)}${layer === 'boot' ? ' (boot)' : ''}: ${valueOf(id, before)} -> ${valueOf(id, after)}`;

/** How long after a run the next one of its apply is waited for: the host is read and planned anew in between. */
const NEXT_RUN_SECONDS = 120;

/** The apply whose runs have nothing left to be made last once this one is confirmed. */
const redeems = ({id, lasting, rollback}: RunSpec): string => {
  if (rollback?.last) return rollback.apply;
  return lasting.length > 0 ? id.replace(/-\d+$/, '') : '';
};

const assignments = (run: RunSpec): string => {
  const {live, lasting} = undoNumbers(run);
  const onDisk = live.filter((number) => run.changes[number] !== undefined && writesDisk(run.changes[number]));
  const values: readonly (readonly [string, string])[] = [
    ['RUN', run.id],
    ['WHO', printableLine(run.by, 120)],
    ['CONFIRM', String(run.times.confirm)],
    ['STEP', String(run.times.step)],
    ['SETTLE', String(run.times.settle)],
    ['MOST', String(run.times.most)],
    ['NICS', touchedNics(run).join(' ')],
    ['GUARDED', run.changes.length > 0 ? '1' : ''],
    ['DISK', run.changes.some(writesDisk) ? '1' : ''],
    ['MORE', run.more ? String(NEXT_RUN_SECONDS) : ''],
    ['PROMISES', run.more && run.more.length > 0 ? '1' : ''],
    ['REDEEMS', redeems(run)],
    ['LASTING', run.lasting.length > 0 ? '1' : ''],
    ['LIVE_UNDO', live.join(' ')],
    ['DISK_UNDO', onDisk.join(' ')],
    ['LASTING_UNDO', lasting.join(' ')],
  ];
  return values.map(([name, value]) => `${name}=${shellQuote(value)}`).join('\n');
};

const lines = (name: string, commands: readonly string[]): string => `${name}() {\n${[...commands, ':'].join('\n')}\n}`;

// What is no longer like this when the run is rolled back, somebody else has changed.
const wrote = (kept: readonly string[]): readonly string[] =>
  kept.length === 0
    ? []
    : [`${shellJoin(['all_looks', ...kept])} >"$V/wrote" 2>"$out" || { said "the journal takes no more"; return 1; }`];

const summary = (changes: readonly Change[]): readonly string[] =>
  changes.length === 0 ? [] : [shellJoin(['syslog', ...changes.map(summaryLine)])];

const functions = (run: RunSpec): string => {
  const changes = numberedChanges(run);
  const kept = keptFiles(run);
  const way = changes.map(changeText);
  const back = changes.map((change, number) => `${String(number)})\n${undoText(change, kept)}\n;;`);
  const guarded = run.changes.length;
  return [
    lines('live_steps', way.slice(0, guarded)),
    lines('lasting_steps', way.slice(guarded)),
    `undo_step() {\ncase $1 in\n${back.join('\n')}\nesac\n}`,
    lines(
      'keeps',
      kept.map((file, place) => `keep ${String(place)} ${shellQuote(file)} || return 1`),
    ),
    lines('wrote', wrote(kept)),
    lines('sync_files', syncs(run)),
    lines('summary', summary(changes.slice(0, guarded))),
    lines('lasting_summary', summary(changes.slice(guarded))),
  ].join('\n');
};

const packageLibrary = (run: RunSpec): string => {
  const programs = packagePrograms(run);
  return programs.size === 0 ? '' : `${PACKAGES}${programs.has('apt') ? APT : ''}${programs.has('dnf') ? DNF : ''}`;
};

const MAIN = String.raw`
case $1 in
start) start ;;
guard)
  # While it lives, nobody breaks the run's lock.
  locked=1
  guard
  ;;
carry) carry ;;
follow) follow "$2" ;;
confirm) settled "$2" confirm ;;
undo) settled "$2" "undo $3" ;;
recover) recover ;;
*) exit 64 ;;
esac
`;

/**
 * The file that carries out, guards, follows, confirms and undoes one run: POSIX sh that lies in the run's folder and is
 * run as `/bin/sh FILE WORD` (file systems mounted noexec). It is one function called by its last line.
 */
export const runFile = (run: RunSpec): string => `linerate_run() {
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
unset CDPATH IFS ENV
set +e +u
umask 077
${assignments(run)}
D=\${0%/*}
read -r BOOT </proc/sys/kernel/random/boot_id
journal=$D out=$D/out carrying='' rebooted='' failures='' at='' why='' word='' begun='' locked=''
[ "$1" = start ] || [ -f "$out" ] || out=/dev/null
${LOOKS}${ALL_LOOKS}${STEPS}${GUARD}${JOURNAL}${START}${packageLibrary(run)}
${functions(run)}
${MAIN}
}
linerate_run "$@"
`;
