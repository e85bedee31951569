import type {LoaderEntry} from './boot-entries.ts';
import {argumentsOf, type GrubEntry} from './boot-grub.ts';

/** An entry of the boot loader whose kernel can be told. */
export type BootEntry = {
  /** What `uname -r` says of its kernel. */
  release: string;
  /**
   * What the loader's default calls it: GRUB's ids through its submenus, joined by `>`; of the Boot Loader Specification the
   * file's name without `.conf`.
   */
  name: string;
  /** The file that has it. */
  at: string;
  commandLine: string;
  /** The kernel and its arguments as the `linux` line of GRUB's own menu entry has them. */
  linux?: string;
};

type Variables = Readonly<Record<string, string>>;

/**
 * The release of a kernel by its image's name: `/boot/vmlinuz-6.1.0-30-amd64`, or `/TOKEN/6.1.0-30-amd64/linux` as
 * kernel-install(8) lays them out. Undefined where the name tells none.
 */
export const releaseOf = (image: string): string | undefined => {
  const [, named, folder] = /(?:^|\/)vmlinu[xz]-([^/\s]+)$|\/(\d[^/\s]*)\/(?:linux|vmlinuz)$/.exec(image) ?? [];
  return named ?? folder;
};

// Names end up between quotes in shell files and in grub.cfg.
const SAFE = /^[\w.,:;+~@()/ >-]+$/;

type Found = {path: readonly string[]; entry: GrubEntry};

const flat = (menu: readonly GrubEntry[], path: readonly string[] = []): readonly Found[] =>
  menu.flatMap((entry) => {
    const own = [...path, entry.names.at(-1) ?? ''];
    return [{path: own, entry}, ...flat(entry.entries, own)];
  });

const isRecovery = ({names, commandLine = ''}: GrubEntry): boolean =>
  names.some((name) => name.includes('recovery')) || /(?:^| )(?:single|recovery)(?: |$)/.test(commandLine);

/** GRUB's own menu: each kernel's first entry that names it, without those of the recovery mode. */
export const grubKernels = (menu: readonly GrubEntry[], at: string, variables: Variables): readonly BootEntry[] => {
  const found = new Map<string, BootEntry>();
  for (const {path, entry} of flat(menu)) {
    const {image, commandLine} = entry;
    const release = releaseOf(image ?? '');
    // An entry of no release (`gnulinux-simple-UUID`) starts whichever kernel is the newest.
    if (release === undefined || commandLine === undefined || !(path.at(-1) ?? '').includes(release)) continue;
    const name = path.join('>');
    if (found.has(release) || isRecovery(entry) || !SAFE.test(name)) continue;
    const linux = `${image ?? ''} ${commandLine.replaceAll(/\s+/g, ' ')}`;
    found.set(release, {release, name, at, commandLine: argumentsOf(commandLine, variables), linux});
  }
  return [...found.values()];
};

// The entry of a trial boot, which goes with the trial.
const TRIAL = 'A-linerate-trial';

/** Entries of the Boot Loader Specification whose kernels can be told. */
export const loaderKernels = (entries: readonly LoaderEntry[], variables: Variables = {}): readonly BootEntry[] =>
  entries.flatMap(({id, path, linux, options}) => {
    const release = releaseOf(linux ?? '');
    if (release === undefined || options === undefined || id === TRIAL || !SAFE.test(id)) return [];
    return [{release, name: id, at: path, commandLine: argumentsOf(options, variables)}];
  });
