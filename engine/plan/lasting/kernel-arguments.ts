import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Change, Step} from '../../model/change.ts';
import {known} from '../../model/known.ts';
import type {Block, Setting} from '../../model/setting.ts';
import {bootWay, type BootWay} from '../../resources/boot-way.ts';
import {argumentOf} from '../../resources/kernel-arguments.ts';
import {argumentWords, commandLineWith, wordsNamed, type ArgumentWords} from './argument-words.ts';
import type {Contribution} from './contributions.ts';
import {fileChange} from './file-change.ts';
import {idsOf, rendered, type FileTemplates} from './lasting-file.ts';

type Wanted = Contribution<'kernel-argument'>;

export type KernelArguments = {
  changes: readonly Change[];
  blocks: readonly Block[];
  /** What the changes make of the next boot's command line; absent without changes. */
  next?: {commandLine: string; words: readonly string[]};
};

type Way = (
  facts: Facts,
  templates: FileTemplates,
  wanted: readonly Wanted[],
  words: ArgumentWords,
) => readonly Change[];

/** The word on the command line of a trial boot that names its run. */
export const TRIAL_ARGUMENT = 'linerate.trial';

/** The unit that brings the earlier boot back unless the trial is kept. */
export const TRIAL_UNIT = 'linerate-trial.service';

const WHY = 'the kernel takes these arguments at the next boot';

// Either spelling is the same argument to the kernel.
const pattern = (name: string): string => {
  const either = name.replaceAll(/[-_]/g, '[-_]');
  return `${either} | ${either}=*`;
};

/** Debian's and Ubuntu's grub-mkconfig reads the drop-ins of /etc/default/grub.d. */
const grubDropIn: Way = (facts, templates, wanted, {without, words}) => {
  const text = rendered(templates, 'grub.cfg', {
    patterns: [...new Set(without)].map(pattern).join(' | '),
    arguments: words,
  });
  const update: Step = {do: 'run', argv: ['update-grub']};
  const file = {path: OWN.grub, text, mode: 0o644, carries: idsOf(wanted), why: WHY};
  const change = fileChange(facts, file, {after: [update], undo: [update]});
  return change ? [{...change, effect: 'reboot'}] : [];
};

const grubby = (without: readonly string[], words: readonly string[]): readonly Step[] => {
  const option = (name: string, list: readonly string[]): readonly Step[] =>
    list.length === 0 ? [] : [{do: 'run', argv: ['grubby', '--update-kernel=ALL', `--${name}=${list.join(' ')}`]}];
  return [...option('remove-args', without), ...option('args', words)];
};

const command = (
  wanted: readonly Wanted[],
  steps: readonly Step[],
  undo: readonly Step[],
  words: ArgumentWords,
): Change => ({
  id: 'command kernel arguments',
  layer: 'boot',
  after: words.words.join(' '),
  effect: 'reboot',
  why: WHY,
  carries: idsOf(wanted),
  steps,
  undo,
});

/** RHEL, Fedora and Amazon Linux: grubby knows where each release keeps its entries. */
const byGrubby: Way = (facts, _templates, wanted, words) => {
  const before = wordsNamed(known(facts.boot.nextCommandLine) ?? '', words.without);
  return [command(wanted, grubby(words.without, words.words), grubby(words.without, before), words)];
};

const ENTRIES = `for modules in /lib/modules/*; do
  version=\${modules##*/}
  for image in "$modules/vmlinuz" "/boot/vmlinuz-$version"; do
    [ -e "$image" ] || continue
    kernel-install add "$version" "$image" || exit 1
    break
  done
done`;

/** systemd-boot: kernel-install makes each kernel's entry out of /etc/kernel/cmdline. */
const byKernelInstall: Way = (facts, _templates, wanted, words) => {
  const path = '/etc/kernel/cmdline';
  const next = known(facts.boot.nextCommandLine) ?? '';
  const put = (text: string): Step => ({do: 'put', path, text: `${text}\n`, mode: 0o644});
  const entries: Step = {do: 'run', argv: ['/bin/sh', '-c', ENTRIES]};
  return [command(wanted, [put(commandLineWith(next, words)), entries], [put(next), entries], words)];
};

const WAYS: Readonly<Record<BootWay, Way>> = {
  'grub-mkconfig': grubDropIn,
  grubby: byGrubby,
  'systemd-boot': byKernelInstall,
};

const wayOf = (facts: Facts): Way | undefined => {
  const way = bootWay(facts);
  return way && WAYS[way];
};

// They end up unquoted in shell files and boot loaders' configuration.
const SAFE = /^[\w.,:=@%+/-]+$/;

/** Whether the boot that runs is a trial that nobody has kept yet: whoever keeps one takes its unit away. */
export const isOnTrial = (facts: Facts): boolean => facts.services.own?.enabled.includes(TRIAL_UNIT) === true;

/** Whether the running kernel was started with it by a trial that was kept, and that was cut off before it was written. */
const isTried = (facts: Facts, {pending}: Setting): boolean =>
  !pending.includes('live') && argumentOf(facts.boot.commandLine, TRIAL_ARGUMENT) !== undefined && !isOnTrial(facts);

const refused = (facts: Facts, {setting, lasting}: Wanted, allowed: boolean): Block | undefined => {
  const {id} = setting;
  if (!SAFE.test(lasting.value))
    return {id, reason: 'the value holds characters that boot loaders do not take as they are'};
  if (!wayOf(facts)) {
    const reason = `nobody here knows how this boot loader (${facts.boot.loader}, ${facts.os.prettyName}) keeps its arguments`;
    return {id, reason, hint: 'set it by hand where the boot loader is configured'};
  }
  const next = known(facts.boot.nextCommandLine);
  if (next === undefined) return {id, reason: 'the next boot’s arguments could not be read', hint: 'run as root'};
  if (/(?:^| )--(?: |$)/.test(next)) {
    const reason = 'the next boot’s arguments end with those of init, after " -- ": what is added goes to init too';
    return {id, reason, hint: 'set it by hand where the boot loader is configured'};
  }
  if (allowed || isTried(facts, setting)) return undefined;
  const reason = 'a kernel argument can keep the host from booting, and takes another reboot to undo';
  return {id, reason, hint: '--reboot tries it in a one-shot boot'};
};

/**
 * Kernel arguments, by the boot loader's own way; each is a Block unless what only a reboot undoes is allowed, or it was
 * tried by the boot that runs.
 */
export const kernelArguments = (
  facts: Facts,
  templates: FileTemplates,
  wanted: readonly Wanted[],
  allowed: boolean,
): KernelArguments => {
  const judged = wanted.map((one) => ({one, block: refused(facts, one, allowed)}));
  const blocks = judged.flatMap(({one, block}) =>
    block !== undefined && one.setting.pending.includes('boot') ? [block] : [],
  );
  const taken = judged.flatMap(({one, block}) => (block === undefined ? [one] : []));
  const way = taken.some(({setting}) => setting.pending.includes('boot')) ? wayOf(facts) : undefined;
  if (!way) return {changes: [], blocks};
  const next = known(facts.boot.nextCommandLine) ?? '';
  const words = argumentWords(
    next,
    taken.map(({lasting}) => ({name: lasting.name, value: lasting.value})),
  );
  return {
    changes: way(facts, templates, taken, words),
    blocks,
    next: {commandLine: commandLineWith(next, words), words: words.words},
  };
};
