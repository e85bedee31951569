import type {Known} from '../model/known.ts';
import {type LoaderEntry, grubLoaderEntry, loaderEntries, ostreeEntry, systemdBootEntry} from './boot-entries.ts';
import {argumentsOf, grubDefault, grubEntry, grubMenu, grubVariables} from './boot-grub.ts';
import type {Fact} from './fact.ts';
import {type Frames, reasonOf, textOf} from './frames.ts';
import {linesOf, quotedPatterns} from './merged-files.ts';

export type BootConfiguration = {
  /** /proc/cmdline of the running kernel. */
  commandLine: string;
  /** Where the next boot's command line comes from; `none`: the hypervisor or firmware passes it. */
  loader: 'grub' | 'bls' | 'systemd-boot' | 'ostree' | 'none' | 'unknown';
  /** The next boot's arguments, as far as they can be told from the loader's files, without BOOT_IMAGE and initrd. */
  nextCommandLine: Known<string>;
  /** The file that says so, then those that it is made from. */
  configuredIn: readonly string[];
  /** Lines that the loader's files are made from: /etc/default/grub and its drop-ins, /etc/kernel/cmdline, TuneD's. */
  sources: readonly {at: string; text: string}[];
};

const GRUB_CONFIGS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg', '/boot/efi/EFI/*/grub.cfg'];
const GRUB_ENVIRONMENTS = ['/boot/grub*/grubenv', '/boot/efi/EFI/*/grubenv'];
const LOADERS = ['/boot/loader', '/efi/loader', '/boot/efi/loader'];
const ENTRIES = LOADERS.map((path) => `${path}/entries/*.conf`);
const LOADER_CONFIGS = LOADERS.map((path) => `${path}/loader.conf`);
const LOADER_FILES = [...GRUB_CONFIGS, ...GRUB_ENVIRONMENTS, ...ENTRIES, ...LOADER_CONFIGS];
const UNIFIED = ['/boot/EFI/Linux/*.efi', '/efi/EFI/Linux/*.efi', '/boot/efi/EFI/Linux/*.efi'];
const DEFAULTS = ['/etc/default/grub', '/etc/default/grub.d/*.cfg', '/etc/tuned/bootcmdline'];
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
const SOURCE_LINES = '(export[[:space:]]+)?(GRUB_CMDLINE_LINUX|GRUB_DEFAULT=|TUNED_BOOT_CMDLINE=)';

const SCRIPT = `f /proc/cmdline ${KERNEL_COMMAND_LINE}
e boot ${quotedPatterns([...PLACES, ...OSTREE, ...LOADER_FILES])}
e unified ${quotedPatterns(UNIFIED)}
e boot-sources ${quotedPatterns(DEFAULTS)}
w '^[[:space:]]*(${GRUB_LINES}|${ENVIRONMENT_LINES}|${ENTRY_LINES})' ${quotedPatterns(LOADER_FILES)}
w '^[[:space:]]*${SOURCE_LINES}' ${quotedPatterns(DEFAULTS)}`;

/** What was told of the next boot: the arguments or why they are unknown, and the file. */
type Next = {loader: BootConfiguration['loader']; commandLine: Known<string>; at?: string};

const environmentOf = (frames: Frames): Readonly<Record<string, string>> => {
  const paths = [...frames.files.keys()].filter((path) => path.endsWith('/grubenv'));
  // Values run to the line's end, unquoted, in grubenv; `set` lines of grub.cfg are what it overrides.
  const lines = paths.flatMap((path) => linesOf(frames, path)).map(({text}) => text);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === '' ? [] : [[name, value]];
    }),
  );
};

const fromEntry = (loader: Next['loader'], entry: LoaderEntry, frames: Frames, variables = {}): Next => ({
  loader,
  at: entry.path,
  commandLine:
    entry.options === undefined ? {unknown: reasonOf(frames, entry.path)} : argumentsOf(entry.options, variables),
});

const fromGrub = (frames: Frames, at: string, config: string, entries: readonly LoaderEntry[]): Next => {
  const environment = environmentOf(frames);
  const variables = grubVariables(config, environment);
  const choice = grubDefault(config, environment);
  const entry = /^\s*blscfg/m.test(config) ? grubLoaderEntry(entries, choice) : undefined;
  if (entry) return fromEntry('bls', entry, frames, variables);
  const menu = grubMenu(config);
  const commandLine = (grubEntry(menu, choice) ?? grubEntry(menu, '0'))?.commandLine;
  const unknown = {unknown: `the default entry of ${at} starts no Linux kernel that its text names`};
  return {loader: 'grub', at, commandLine: commandLine === undefined ? unknown : argumentsOf(commandLine, variables)};
};

/** GRUB whose files only root may read. */
const closedGrub = (frames: Frames, there: readonly string[]): Next | undefined => {
  const closed = ['/boot/grub2', '/boot/grub'].find((path) => there.includes(path) && !there.includes(`${path}/.`));
  const at = there.find((path) => path.endsWith('/grub.cfg') && frames.refused.has(path)) ?? closed;
  if (at === undefined) return undefined;
  const reason = `${at}: ${frames.refused.get(at) ?? 'Permission denied'}`;
  return {loader: there.includes('/boot/loader') ? 'bls' : 'grub', commandLine: {unknown: reason}, at};
};

const fromSystemdBoot = (
  frames: Frames,
  there: readonly string[],
  entries: readonly LoaderEntry[],
): Next | undefined => {
  const config = there.find((path) => path.endsWith('/loader.conf'));
  const lines = config === undefined ? [] : linesOf(frames, config);
  const pattern = lines.map(({text}) => /^\s*default\s+(\S+)/.exec(text)?.[1]).findLast((word) => word !== undefined);
  const entry = systemdBootEntry(entries, pattern ?? '');
  if (entry) return fromEntry('systemd-boot', entry, frames);
  const unified = frames.lists.get('unified')?.[0];
  if (unified === undefined) return undefined;
  return {loader: 'systemd-boot', at: unified, commandLine: {unknown: 'it is built into a unified kernel image'}};
};

const nextOf = (frames: Frames): Next => {
  const there = frames.lists.get('boot') ?? [];
  const entries = loaderEntries(frames, there);
  const deployed = OSTREE.some((path) => there.includes(path)) ? ostreeEntry(entries) : undefined;
  if (deployed) return fromEntry('ostree', deployed, frames);
  // On RHEL 9 the one below /boot/efi only leads to the other.
  const config = there.find((path) => /menuentry |blscfg/.test(frames.files.get(path) ?? ''));
  if (config !== undefined) return fromGrub(frames, config, frames.files.get(config) ?? '', entries);
  const closed = closedGrub(frames, there);
  if (closed) return closed;
  const systemdBoot = fromSystemdBoot(frames, there, entries);
  if (systemdBoot) return systemdBoot;
  if (there.includes('/boot/.')) return {loader: 'none', commandLine: {unknown: 'there is no boot loader in /boot'}};
  return {loader: 'unknown', commandLine: {unknown: '/boot cannot be read'}};
};

const sourcesOf = (frames: Frames): BootConfiguration['sources'] =>
  [...(frames.lists.get('boot-sources') ?? []), KERNEL_COMMAND_LINE]
    .flatMap((path) => linesOf(frames, path))
    .map(({at, text}) => ({at, text: text.trim()}))
    .filter(({text}) => text !== '');

const parse = (frames: Frames): BootConfiguration => {
  const next = nextOf(frames);
  const sources = sourcesOf(frames);
  const files = sources.map(({at}) => at.replace(/:\d+$/, ''));
  return {
    commandLine: textOf(frames, '/proc/cmdline') ?? '',
    loader: next.loader,
    nextCommandLine: next.commandLine,
    configuredIn: [...new Set([...(next.at === undefined ? [] : [next.at]), ...files])],
    sources,
  };
};

export const boot: Fact<BootConfiguration> = {name: 'boot', script: () => SCRIPT, parse};
