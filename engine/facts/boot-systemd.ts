import {type LoaderEntry, systemdBootEntry, unifiedEntries} from './boot-entries.ts';
import {loaderKernels} from './boot-kernels.ts';
import {isNamed, type Next, nextByEntry} from './boot-next.ts';
import type {Frames} from './frames.ts';
import {linesOf, quotedPatterns} from './merged-files.ts';

const UNIFIED = ['/boot/EFI/Linux/*.efi', '/efi/EFI/Linux/*.efi', '/boot/efi/EFI/Linux/*.efi'];
const VARIABLES = ['LoaderInfo', 'LoaderEntryOneShot', 'LoaderEntryDefault', 'LoaderEntryLastBooted'];
// The vendor of the Boot Loader Interface. A variable is four bytes of attributes, then UTF-16.
const VENDOR = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';

export const SYSTEMD_BOOT_SCRIPT = String.raw`e unified ${quotedPatterns(UNIFIED)}
boot_variable() { tail -c +5 "$1" | tr -d '\000'; }
for v in ${VARIABLES.join(' ')}; do
  p=/sys/firmware/efi/efivars/$v-${VENDOR}
  [ ! -r "$R$p" ] || x "boot-variable $v" boot_variable "$p"
done`;

const variable = (frames: Frames, name: string): string =>
  (frames.runs.get(`boot-variable ${name}`)?.output ?? '').trim();

/** Whether systemd-boot started this machine: what other loaders left in /boot is then out of use. */
export const startedBySystemdBoot = (frames: Frames): boolean =>
  variable(frames, 'LoaderInfo').startsWith('systemd-boot');

/**
 * Patterns of the entry to start, the first that matches one counts: for the next boot alone, chosen in the menu or by
 * `bootctl set-default`, and loader.conf's own (systemd-boot(7), config_select_default_entry).
 */
const choices = (frames: Frames, configured: string): readonly string[] => {
  const saved = variable(frames, 'LoaderEntryLastBooted');
  const patterns = [variable(frames, 'LoaderEntryOneShot'), variable(frames, 'LoaderEntryDefault'), configured];
  return patterns.map((pattern) => (pattern === '@saved' ? saved : pattern)).filter((pattern) => pattern !== '');
};

/** The next boot by systemd-boot; undefined where it has no entries. */
export const nextBySystemdBoot = (
  frames: Frames,
  there: readonly string[],
  entries: readonly LoaderEntry[],
): Next | undefined => {
  const config = there.find((path) => path.endsWith('/loader.conf'));
  const lines = config === undefined ? [] : linesOf(frames, config);
  const configured = lines
    .map(({text}) => /^\s*default\s+(\S+)/.exec(text)?.[1])
    .findLast((word) => word !== undefined);
  const images = unifiedEntries(frames.lists.get('unified') ?? []);
  const patterns = choices(frames, configured ?? '');
  const {entry, chosen} = systemdBootEntry([...entries, ...images], patterns);
  if (!entry) return undefined;
  if (chosen || images.length === 0 || entries.length === 0) {
    const next = nextByEntry('systemd-boot', entry, frames);
    const choice = variable(frames, 'LoaderEntryDefault');
    const named = chosen && patterns.some((one) => one.startsWith(entry.id) && isNamed(one, next.release));
    return {
      ...next,
      ...(named ? {named: true} : {}),
      ...(choice === '' ? {} : {choice}),
      entries: loaderKernels(entries),
    };
  }
  const unknown = `no entry is chosen, and where ${images[0]?.path ?? ''} stands in the menu is built into that image`;
  return {loader: 'systemd-boot', at: entry.path, commandLine: {unknown}};
};
