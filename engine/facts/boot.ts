import type {Known} from '../model/known.ts';
import {loaderEntries, ostreeEntry} from './boot-entries.ts';
import {EXTLINUX_SCRIPT, nextByExtlinux} from './boot-extlinux.ts';
import {nextByClosedGrub, nextByGrub} from './boot-grub-files.ts';
import type {BootEntry} from './boot-kernels.ts';
import {type Loader, type Next, nextByEntry} from './boot-next.ts';
import {SYSTEMD_BOOT_SCRIPT, nextBySystemdBoot, startedBySystemdBoot} from './boot-systemd.ts';
import type {Fact} from './fact.ts';
import {type Frames, textOf} from './frames.ts';
import {linesOf, quotedPatterns} from './merged-files.ts';

export type BootConfiguration = {
  /** /proc/cmdline of the running kernel. */
  commandLine: string;
  /** Where the next boot's command line comes from. */
  loader: Loader;
  /** The next boot's arguments, as far as they can be told from the loader's files, without BOOT_IMAGE and initrd. */
  nextCommandLine: Known<string>;
  /** The file that says so, then those that it is made from. */
  configuredIn: readonly string[];
  /**
   * The default entry's kernel and arguments as its `linux` line in the first of those files has them; absent where no
   * menu entry of GRUB's own is started.
   */
  linux?: string;
  /** The kernel that is started by default, as `uname -r` will call it; absent where its image's name does not tell. */
  release?: string;
  /** The default is chosen by a name that holds its release: a kernel that is installed later does not take its place. */
  named?: true;
  /** systemd-boot's own default, as `bootctl set-default` left it. */
  choice?: string;
  /** The loader's entries whose kernels can be told; absent where there are none. */
  entries?: readonly BootEntry[];
  /** Lines that the loader's files are made from: /etc/default/grub and its drop-ins, /etc/kernel/cmdline, TuneD's. */
  sources: readonly {at: string; text: string}[];
};

const GRUB_CONFIGS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg', '/boot/efi/EFI/*/grub.cfg'];
const GRUB_ENVIRONMENTS = ['/boot/grub*/grubenv', '/boot/efi/EFI/*/grubenv'];
const LOADERS = ['/boot/loader', '/efi/loader', '/boot/efi/loader'];
const ENTRIES = LOADERS.map((path) => `${path}/entries/*.conf`);
const LOADER_CONFIGS = LOADERS.map((path) => `${path}/loader.conf`);
const LOADER_FILES = [...GRUB_CONFIGS, ...GRUB_ENVIRONMENTS, ...ENTRIES, ...LOADER_CONFIGS];
const DEFAULTS = [
  '/etc/default/grub',
  '/etc/default/grub.d/*.cfg',
  '/etc/tuned/bootcmdline',
  '/etc/default/u-boot',
  '/etc/update-extlinux.conf',
];
const KERNEL_COMMAND_LINE = '/etc/kernel/cmdline';
// `DIRECTORY/.` is there only for those who may look into it.
const PLACES = [
  '/boot/.',
  '/boot/grub',
  '/boot/grub/.',
  '/boot/grub2',
  '/boot/grub2/.',
  '/boot/loader',
  '/boot/loader/.',
];
const OSTREE = ['/run/ostree-booted', '/ostree/repo'];

// Passwords (`password_pbkdf2`) and users are lines of grub.cfg too: only these are read.
const GRUB_LINES = 'set (default|kernelopts|tuned_params)=|menuentry |submenu |linux(16|efi)?[[:space:]]|blscfg|}';
const ENVIRONMENT_LINES = '(saved_entry|next_entry|kernelopts|tuned_params)=';
const ENTRY_LINES = '(version|sort-key|options|default)[[:space:]]';
const SOURCE_LINES =
  '(export[[:space:]]+)?(GRUB_CMDLINE_LINUX|GRUB_DEFAULT=|TUNED_BOOT_CMDLINE=|U_BOOT_PARAMETERS=|default_kernel_opts=)';

const SCRIPT = `f /proc/cmdline ${KERNEL_COMMAND_LINE}
e boot ${quotedPatterns([...PLACES, ...OSTREE, ...LOADER_FILES])}
${SYSTEMD_BOOT_SCRIPT}
${EXTLINUX_SCRIPT}
e boot-sources ${quotedPatterns(DEFAULTS)}
w '^[[:space:]]*(${GRUB_LINES}|${ENVIRONMENT_LINES}|${ENTRY_LINES})' ${quotedPatterns(LOADER_FILES)}
w '^[[:space:]]*${SOURCE_LINES}' ${quotedPatterns(DEFAULTS)}`;

const nextOf = (frames: Frames): Next => {
  const there = frames.lists.get('boot') ?? [];
  const entries = loaderEntries(frames, there);
  const deployed = OSTREE.some((path) => there.includes(path)) ? ostreeEntry(entries) : undefined;
  if (deployed) return nextByEntry('ostree', deployed, frames);
  const systemdBoot = nextBySystemdBoot(frames, there, entries);
  if (systemdBoot && startedBySystemdBoot(frames)) return systemdBoot;
  // On RHEL 9 the one below /boot/efi only leads to the other.
  const config = there.find((path) => /menuentry |blscfg/.test(frames.files.get(path) ?? ''));
  if (config !== undefined) return nextByGrub(frames, config, frames.files.get(config) ?? '', entries);
  const found = nextByClosedGrub(frames, there) ?? nextByExtlinux(frames) ?? systemdBoot;
  if (found) return found;
  if (there.includes('/boot/.')) return {loader: 'none', commandLine: {unknown: 'there is no boot loader in /boot'}};
  return {loader: 'unknown', commandLine: {unknown: '/boot cannot be read'}};
};

const sourcesOf = (frames: Frames): BootConfiguration['sources'] =>
  [...(frames.lists.get('boot-sources') ?? []), KERNEL_COMMAND_LINE]
    .flatMap((path) => linesOf(frames, path))
    .map(({at, text}) => ({at, text: text.trim()}))
    .filter(({text}) => text !== '');

const kernelsOf = ({release, named, choice, entries = []}: Next): Partial<BootConfiguration> => ({
  ...(release === undefined ? {} : {release}),
  ...(named && {named}),
  ...(choice === undefined ? {} : {choice}),
  ...(entries.length > 0 && {entries}),
});

const parse = (frames: Frames): BootConfiguration => {
  const next = nextOf(frames);
  const sources = sourcesOf(frames);
  const files = sources.map(({at}) => at.replace(/:\d+$/, ''));
  return {
    commandLine: textOf(frames, '/proc/cmdline') ?? '',
    loader: next.loader,
    nextCommandLine: next.commandLine,
    configuredIn: [...new Set([...(next.at === undefined ? [] : [next.at]), ...files])],
    ...(next.linux === undefined ? {} : {linux: next.linux}),
    ...kernelsOf(next),
    sources,
  };
};

export const boot: Fact<BootConfiguration> = {name: 'boot', script: () => SCRIPT, parse};
