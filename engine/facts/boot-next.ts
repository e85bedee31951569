import type {Known} from '../model/known.ts';
import type {LoaderEntry} from './boot-entries.ts';
import {argumentsOf} from './boot-grub.ts';
import {releaseOf, type BootEntry} from './boot-kernels.ts';
import {type Frames, reasonOf} from './frames.ts';

/** What starts the kernel; `none`: the hypervisor or firmware passes the command line. */
export type Loader = 'grub' | 'bls' | 'systemd-boot' | 'extlinux' | 'ostree' | 'none' | 'unknown';

/** What was told of the next boot: the arguments or why they are unknown, and the file. */
export type Next = {
  loader: Loader;
  commandLine: Known<string>;
  at?: string;
  /** The kernel and its arguments as the `linux` line of GRUB's own menu entry has them. */
  linux?: string;
  /** What `uname -r` will say, as the image's name tells it. */
  release?: string;
  /** The entry is chosen by a name that holds its kernel's release: one that is installed later does not take its place. */
  named?: true;
  /** systemd-boot's own default, as `bootctl set-default` left it. */
  choice?: string;
  /** All of the loader's entries whose kernels can be told. */
  entries?: readonly BootEntry[];
};

/** Whether a choice of the loader names one kernel's entry, and not a place or pattern that others may come to hold. */
export const isNamed = (choice: string, release: string | undefined): boolean =>
  release !== undefined && !/[*?[]/.test(choice) && (choice.split('>').at(-1) ?? '').includes(release);

/** The next boot by an entry of the Boot Loader Specification. */
export const nextByEntry = (
  loader: Loader,
  entry: LoaderEntry,
  frames: Frames,
  variables: Readonly<Record<string, string>> = {},
): Next => {
  const unknown = entry.unified
    ? `it is built into the unified kernel image ${entry.path}`
    : reasonOf(frames, entry.path);
  const commandLine = entry.options === undefined ? {unknown} : argumentsOf(entry.options, variables);
  const release = releaseOf(entry.linux ?? '');
  return {loader, at: entry.path, commandLine, ...(release === undefined ? {} : {release})};
};
