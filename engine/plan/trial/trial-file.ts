import {printableLine} from '../../model/printable.ts';
import {shellQuote} from '../../model/shell.ts';
import {TRIAL_ARGUMENT} from '../lasting/kernel-arguments.ts';
import {type FileTemplates, rendered} from '../lasting/lasting-file.ts';
import {GUARD} from '../run/library-guard.ts';
import {JOURNAL, KEPT} from '../run/library-journal.ts';
import {START} from '../run/library-start.ts';
import {STEPS} from '../run/library-steps.ts';
import {PANIC_SECONDS, trialCommandLine} from './command-line.ts';
import {CHOOSE_BY_BOOTCTL, ENTRY_BY_COPY} from './library-entries.ts';
import {CHOOSE_BY_GRUB, ENTRY_BY_GRUB} from './library-grub.ts';
import {DECISION, TRIAL} from './library.ts';
import type {TrialEntry, TrialSpec} from './trial.ts';

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

type Values = Readonly<Record<string, string>>;

const ENTRY = 'linerate-trial';

// Behind every other entry: in RPM's order and in strverscmp's a capital comes after digits and small letters.
const COPY = 'A-linerate-trial';

const entryValues = (entry: TrialEntry): Values => {
  if (entry.loader === 'grub') {
    const folder = folderOf(entry.config);
    return {
      ENTRY,
      CONFIG: entry.config,
      LINUX: entry.linux,
      FILE: `${folder}/custom.cfg`,
      GRUBENV: `${folder}/grubenv`,
    };
  }
  const file = `${folderOf(entry.copies)}/${COPY}.conf`;
  return {
    ENTRY: COPY,
    COPIES: entry.copies,
    FILE: file,
    CONFIG: '/boot/grub2/grub.cfg /boot/efi/EFI/*/grub.cfg',
    GRUBENV: '/boot/grub2/grubenv',
  };
};

const LIBRARIES: Readonly<Record<TrialEntry['loader'], string>> = {
  grub: CHOOSE_BY_GRUB + ENTRY_BY_GRUB,
  bls: CHOOSE_BY_GRUB + ENTRY_BY_COPY,
  'systemd-boot': CHOOSE_BY_BOOTCTL + ENTRY_BY_COPY,
};

const unitTexts = ({id, deadline}: TrialSpec, templates: FileTemplates): Values => {
  const values = {
    argument: TRIAL_ARGUMENT,
    run: id,
    deadline: String(deadline),
    journal: `${KEPT}/${id}`,
    decision: DECISION,
  };
  return {
    DEADLINE_TEXT: rendered(templates, 'linerate-trial.service', values),
    END_TEXT: rendered(templates, 'linerate-trial-end.service', values),
  };
};

const assignments = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${shellQuote(value)}`)
    .join('\n');

const MAIN = String.raw`
case $1 in
start) trial_start ;;
attempt) trial_attempt ;;
status) trial_status "$2" ;;
keep) trial_keep; trial_status "$2" ;;
written) trial_written; trial_status "$2" ;;
drop) trial_drop "$3"; trial_status "$2" ;;
ended) trial_end ;;
*) exit 64 ;;
esac
`;

/**
 * The file that arms, carries out, keeps and ends one trial: POSIX sh that lies in the trial's journal and is run as
 * `/bin/sh FILE WORD`. It is one function called by its last line.
 */
export const trialFile = (spec: TrialSpec, templates: FileTemplates): string => {
  const {trial} = spec;
  const values: Values = {
    RUN: spec.id,
    WHO: printableLine(spec.by, 120),
    TRIES: printableLine(trial.tries, 500),
    ARGUMENT: TRIAL_ARGUMENT,
    ARGUMENTS: trialCommandLine(trial, spec.id),
    DEADLINE: String(spec.deadline),
    PANIC: String(PANIC_SECONDS),
    ...entryValues(trial.entry),
    ...unitTexts(spec, templates),
  };
  return `linerate_trial() {
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C
export PATH LC_ALL
unset CDPATH IFS ENV
set +e +u
umask 077
${assignments(values)}
D=\${0%/*}
read -r BOOT </proc/sys/kernel/random/boot_id
out=$D/out carrying='' rebooted='' failures='' at='' why='' word=''
[ "$1" = start ] || [ -f "$out" ] || out=/dev/null
${STEPS}${GUARD}${JOURNAL}${START}${LIBRARIES[trial.entry.loader]}${TRIAL}
journal=$V
${MAIN}
}
linerate_trial "$@"
`;
};
