import {type LoaderEntry, grubLoaderEntry} from './boot-entries.ts';
import {argumentsOf, grubDefault, grubEntry, grubMenu, grubVariables} from './boot-grub.ts';
import {grubKernels, loaderKernels, releaseOf} from './boot-kernels.ts';
import {isNamed, type Next, nextByEntry} from './boot-next.ts';
import type {Frames} from './frames.ts';
import {linesOf} from './merged-files.ts';

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

const nameOf = (choice: string, release: string | undefined): Pick<Next, 'named'> =>
  isNamed(choice, release) ? {named: true} : {};

/** The next boot by a grub.cfg, and by the entries that its `blscfg` lists. */
export const nextByGrub = (frames: Frames, at: string, config: string, entries: readonly LoaderEntry[]): Next => {
  const environment = environmentOf(frames);
  const variables = grubVariables(config, environment);
  const choice = grubDefault(config, environment);
  const entry = /^\s*blscfg/m.test(config) ? grubLoaderEntry(entries, choice) : undefined;
  if (entry) {
    const next = nextByEntry('bls', entry, frames, variables);
    return {...next, ...nameOf(choice, next.release), entries: loaderKernels(entries, variables)};
  }
  const menu = grubMenu(config);
  const chosen = grubEntry(menu, choice);
  const {image, commandLine} = chosen ?? grubEntry(menu, '0') ?? {};
  const unknown = {unknown: `the default entry of ${at} starts no Linux kernel that its text names`};
  if (image === undefined || commandLine === undefined) return {loader: 'grub', at, commandLine: unknown};
  const release = releaseOf(image);
  return {
    loader: 'grub',
    at,
    commandLine: argumentsOf(commandLine, variables),
    linux: `${image} ${commandLine.replaceAll(/\s+/g, ' ')}`,
    ...(release === undefined ? {} : {release}),
    ...(chosen ? nameOf(choice, release) : {}),
    entries: grubKernels(menu, at, variables),
  };
};

/** GRUB whose files only root may read. */
export const nextByClosedGrub = (frames: Frames, there: readonly string[]): Next | undefined => {
  const closed = ['/boot/grub2', '/boot/grub'].find((path) => there.includes(path) && !there.includes(`${path}/.`));
  const at = there.find((path) => path.endsWith('/grub.cfg') && frames.refused.has(path)) ?? closed;
  if (at === undefined) return undefined;
  const reason = `${at}: ${frames.refused.get(at) ?? 'Permission denied'}`;
  return {loader: there.includes('/boot/loader') ? 'bls' : 'grub', commandLine: {unknown: reason}, at};
};
