import type {BootEntry} from '../../facts/boot-kernels.ts';
import type {Facts} from '../../facts/facts.ts';
import type {Mount} from '../../facts/mounts.ts';
import {known} from '../../model/known.ts';
import type {Block, Plan, Setting} from '../../model/setting.ts';
import {type Contribution, contributionsOf, goingTo} from '../lasting/contributions.ts';
import {kernelArguments} from '../lasting/kernel-arguments.ts';
import {kernelDefault, noEntry} from '../lasting/kernel-default.ts';
import type {FileTemplates} from '../lasting/lasting-file.ts';
import type {Trial, TrialEntry} from './trial.ts';

const mountOf = ({mounts}: Facts, path: string): Mount | undefined =>
  mounts
    .filter((mount) => mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`))
    // The last one of a path covers those before it.
    .reduce<Mount | undefined>(
      (found, mount) => (mount.path.length >= (found?.path.length ?? 0) ? mount : found),
      undefined,
    );

/** File systems that GRUB only reads (check_writable of its 00_header). */
const READ_ONLY = new Set(['btrfs', 'zfs', 'squashfs', 'iso9660', 'erofs']);

// Multipath's maps have names of their own or the disk's WWID: GRUB writes to their disks.
const MULTIPATH = /^\/dev\/mapper\/(?:mpath|[0-9a-f]{17,33}(?:$|-part|p?\d))/;

/**
 * Why GRUB could not take the choice of one boot back, as far as mounts tell: it would start the trial again and again.
 * The host asks grub-probe once more before anything is written.
 */
const unwritable = (facts: Facts, path: string): string | undefined => {
  const {device = '', type = ''} = mountOf(facts, path) ?? {};
  if (READ_ONLY.has(type)) return `GRUB cannot write to ${type}, where ${path} lies`;
  if (device.startsWith('/dev/md')) return `GRUB cannot write to MD RAID, where ${path} lies (${device})`;
  if (!/^\/dev\/(?:mapper\/|dm-)/.test(device) || MULTIPATH.test(device)) return undefined;
  return `GRUB cannot write to device-mapper (LVM, LUKS), where ${path} lies (${device})`;
};

const entryOf = ({boot}: Facts): TrialEntry | undefined => {
  const [at] = boot.configuredIn;
  if (at === undefined) return undefined;
  if (boot.loader === 'grub')
    return boot.linux === undefined ? undefined : {loader: 'grub', config: at, linux: boot.linux};
  return boot.loader === 'bls' || boot.loader === 'systemd-boot' ? {loader: boot.loader, copies: at} : undefined;
};

/** The facts of a host whose default is this entry. */
const startedBy = (facts: Facts, {at, linux, commandLine}: BootEntry): Facts => {
  const {linux: _default, ...boot} = facts.boot;
  const own = {nextCommandLine: commandLine, configuredIn: [at], ...(linux === undefined ? {} : {linux})};
  return {...facts, boot: {...boot, ...own}};
};

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

const environmentFolder = (entry: TrialEntry): string | undefined => {
  if (entry.loader === 'grub') return folderOf(entry.config);
  return entry.loader === 'bls' ? '/boot/grub2' : undefined;
};

// COMMAND_LINE_SIZE of x86 and arm64, which cut the rest off without a word, less what the loader and the trial add.
const LONGEST = 2048 - 300;

const UNTRIED = '--allow-irreversible writes it untried';

const refusal = (facts: Facts, entry: TrialEntry | undefined, commandLine: string): string | undefined => {
  if (facts.os.init !== 'systemd')
    return 'this host does not boot with systemd, which would bring the earlier boot back';
  if (!entry) return `the entry that ${facts.boot.loader} starts could not be told`;
  if (commandLine.length > LONGEST) return 'the kernel command line would be longer than a kernel takes';
  const folder = environmentFolder(entry);
  return folder === undefined ? undefined : unwritable(facts, folder);
};

type Wanted = {
  arguments: readonly Contribution<'kernel-argument'>[];
  /** The kernel that shall boot by default, where another one does. */
  kernel?: Contribution<'kernel'>;
};

const wantedOf = (facts: Facts, settings: readonly Setting[]): Wanted => {
  const {contributions} = contributionsOf(facts, settings);
  const kernel = goingTo('kernel', contributions).find(({setting}) => setting.pending.includes('boot'));
  return {arguments: goingTo('kernel-argument', contributions), ...(kernel && {kernel})};
};

type Tried = Pick<Trial, 'tries' | 'commandLine' | 'lasting' | 'carries'> & {blocks: readonly Block[]};

/** What is tried: `from` is the host as it would be if the entry that boots were its default. */
const triedOf = (facts: Facts, from: Facts, {arguments: words, kernel}: Wanted, templates: FileTemplates): Tried => {
  const {changes, blocks, next} = kernelArguments(facts, templates, words, true);
  const chosen = kernelDefault(facts, templates, {release: kernel ? [kernel] : [], updates: []}, true);
  const lasting = [...changes, ...chosen.changes];
  const {commandLine = known(from.boot.nextCommandLine) ?? ''} =
    kernelArguments(from, templates, words, true).next ?? {};
  return {
    tries: [...(kernel ? [`kernel ${kernel.lasting.release}`] : []), ...(next?.words ?? [])].join(' '),
    commandLine,
    lasting,
    carries: [...new Set(lasting.flatMap((change) => change.carries ?? []))],
    blocks: [...blocks, ...chosen.blocks],
  };
};

const isPending = ({pending}: Setting): boolean => pending.includes('boot');

/**
 * The one-shot boot that tries a plan's pending kernel arguments, and another kernel; absent where none is pending or can be
 * tried. `blocks`: what is pending and cannot be.
 */
export const trialOf = (
  facts: Facts,
  plan: Pick<Plan, 'settings'>,
  templates: FileTemplates,
): {trial?: Trial; blocks: readonly Block[]} => {
  const wanted = wantedOf(facts, plan.settings);
  const {kernel} = wanted;
  const chosen = kernel && facts.boot.entries?.find(({release}) => release === kernel.lasting.release);
  if (kernel && !chosen) return {blocks: [{id: kernel.setting.id, ...noEntry(kernel.lasting.release)}]};
  const from = chosen ? startedBy(facts, chosen) : facts;
  const {blocks, ...tried} = triedOf(facts, from, wanted, templates);
  // A kernel that runs already needs no trial: the run after it makes it the default.
  const runs = kernel?.setting.pending.includes('live') !== true;
  if (tried.lasting.length === 0 || (runs && !wanted.arguments.some(({setting}) => isPending(setting))))
    return {blocks};
  const entry = entryOf(from);
  const reason = refusal(facts, entry, tried.commandLine);
  if (entry && reason === undefined) return {trial: {...tried, entry}, blocks};
  const pending = new Set(plan.settings.filter(isPending).map(({id}) => id));
  const refused = tried.carries.filter((id) => pending.has(id));
  return {blocks: [...blocks, ...refused.map((id) => ({id, reason: reason ?? '', hint: UNTRIED}))]};
};
