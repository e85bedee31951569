import type {BootEntry} from '../../facts/boot-kernels.ts';
import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Change, Step} from '../../model/change.ts';
import type {Block, SettingId} from '../../model/setting.ts';
import {bootWay, type BootWay} from '../../resources/boot-way.ts';
import type {Contribution} from './contributions.ts';
import {fileChange} from './file-change.ts';
import {isOnTrial} from './kernel-arguments.ts';
import {idsOf, rendered, type FileTemplates} from './lasting-file.ts';

type Default = Contribution<'kernel'>;
type Updates = Contribution<'kernel-updates'>;

export type KernelDefault = {changes: readonly Change[]; blocks: readonly Block[]};

/** What starts this entry from now on, whatever else is installed. */
type Way = (facts: Facts, templates: FileTemplates, entry: BootEntry, common: Common) => Change | undefined;

type Common = Pick<Change, 'effect' | 'why'> & {carries: readonly SettingId[]};

const run = (...argv: readonly string[]): Step => ({do: 'run', argv});

const command = (
  name: string,
  after: string,
  common: Common,
  steps: readonly Step[],
  undo: readonly Step[],
): Change => ({
  id: `command ${name}`,
  layer: 'boot',
  after,
  ...common,
  steps,
  undo,
});

const grubDropIn: Way = (facts, templates, {name}, {carries, why, effect}) => {
  const text = rendered(templates, 'grub-kernel.cfg', {entry: name});
  const update = [run('update-grub')];
  const change = fileChange(facts, {path: OWN.kernel, text, mode: 0o644, carries, why}, {after: update, undo: update});
  return change && {...change, effect};
};

const setDefault = (release: string): Step => run('grubby', `--set-default=/boot/vmlinuz-${release}`);

const byGrubby: Way = ({boot}, _templates, {release}, common) =>
  command(
    'default kernel',
    release,
    common,
    [setDefault(release)],
    boot.release === undefined ? [] : [setDefault(boot.release)],
  );

// Without a name, bootctl(1) takes the choice away.
const byBootctl: Way = ({boot}, _templates, {name}, common) =>
  command(
    'default kernel',
    name,
    common,
    [run('bootctl', 'set-default', `${name}.conf`)],
    [run('bootctl', 'set-default', boot.choice ?? '')],
  );

const WAYS: Readonly<Record<BootWay, Way>> = {
  'grub-mkconfig': grubDropIn,
  grubby: byGrubby,
  'systemd-boot': byBootctl,
};

const SYSCONFIG = '/etc/sysconfig/kernel';

const updateDefault = (from: string, to: string): Step =>
  run('sed', '-i', `s/^\\([[:space:]]*UPDATEDEFAULT=["']\\{0,1\\}\\)${from}/\\1${to}/`, SYSCONFIG);

const WAITS = 'a kernel that is installed later does not boot by itself';

/** The packages' own scripts of Red Hat's kind would choose each kernel that they install. */
const withoutUpdates = (carries: readonly SettingId[]): Change =>
  command(
    'kernel updates',
    'wait',
    {carries, effect: 'live', why: WAITS},
    [updateDefault('yes', 'no')],
    [updateDefault('no', 'yes')],
  );

const entryOf = ({boot}: Facts, release: string | undefined): BootEntry | undefined =>
  boot.entries?.find((entry) => entry.release === release);

/** The sentence where nothing starts a kernel. */
export const noEntry = (release: string): Pick<Block, 'reason' | 'hint'> => ({
  reason: `no entry of the boot loader starts ${release}`,
  hint: 'install its package first',
});

/** The kernel that runs, rather than a newer one that nobody has booted yet. */
const provenRelease = (facts: Facts): string | undefined =>
  entryOf(facts, facts.os.kernel) ? facts.os.kernel : facts.boot.release;

const changesTo = (
  facts: Facts,
  templates: FileTemplates,
  release: string | undefined,
  wanted: readonly (Default | Updates)[],
): KernelDefault => {
  const way = bootWay(facts);
  const entry = entryOf(facts, release);
  const [first] = wanted;
  if (!way || !first) return {changes: [], blocks: []};
  if (!entry)
    return {changes: [], blocks: wanted.map(({setting: {id}}) => ({id, ...noEntry(release ?? 'the default')}))};
  const effect = entry.release === facts.os.kernel ? 'live' : 'reboot';
  const why = `the boot loader starts ${entry.release}, whatever is installed later`;
  const change = WAYS[way](facts, templates, entry, {effect, why, carries: idsOf(wanted)});
  return {changes: change ? [change] : [], blocks: []};
};

const untried = (facts: Facts, {setting: {id}, lasting: {release}}: Default): Block | undefined =>
  facts.os.kernel === release && !isOnTrial(facts)
    ? undefined
    : {
        id,
        reason: `${release} has not run on this host yet, and may not come up`,
        hint: '--reboot tries it in a one-shot boot',
      };

/**
 * Which kernel boots by default, by the boot loader's own way; a Block unless it runs already, or `allowed` says that it may
 * be written untried.
 */
export const kernelDefault = (
  facts: Facts,
  templates: FileTemplates,
  wanted: {release: readonly Default[]; updates: readonly Updates[]},
  allowed: boolean,
): KernelDefault => {
  const pending = ({setting}: Default | Updates): boolean => setting.pending.includes('boot');
  const chosen = wanted.release.find(pending);
  const block = chosen && !allowed ? untried(facts, chosen) : undefined;
  const updates = wanted.updates.filter(pending);
  const byPackages = bootWay(facts) === 'grubby';
  // Elsewhere a default that is chosen by its name is all that it takes.
  const waiting = byPackages ? [] : updates;
  const kept = chosen && !block ? [chosen, ...waiting] : waiting;
  const release = chosen && !block ? chosen.lasting.release : provenRelease(facts);
  const made = changesTo(facts, templates, release, kept);
  const own = byPackages && updates.length > 0 ? [withoutUpdates(idsOf(updates))] : [];
  return {changes: [...own, ...made.changes], blocks: [...(block ? [block] : []), ...made.blocks]};
};
