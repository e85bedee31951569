import type {Known} from '../model/known.ts';
import type {LoaderEntry} from './boot-entries.ts';
import {argumentsOf} from './boot-grub.ts';
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
};

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
  return {loader, at: entry.path, commandLine};
};
