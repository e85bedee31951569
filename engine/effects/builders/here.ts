import {readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {Builder} from './builder.ts';
import type {Compilation} from './compiler-cache.ts';
import {isolationOnce, runIn, type HereOptions} from './enclosed.ts';
import {toolVersions} from './versions.ts';

const releaseHere = async (): Promise<string> => {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
  return `${field('ID')} ${field('VERSION_ID')}`.trim();
};

const LEAKS = 'stages run in plain folders, since this machine allows no namespaces: its paths may get into outputs';

/** How compilers are called in builds of this machine. */
export const compilationOf = ({cache, ccache, distcc}: HereOptions): Compilation => ({
  ...(ccache ? {ccache: path.join(cache, 'ccache')} : {}),
  ...(distcc === undefined ? {} : {distcc}),
});

/** Stages run on this machine, in namespaces of their own where it allows that. */
export const hereBuilder = (options: HereOptions): Builder => {
  const isolation = isolationOnce();
  const {inside} = options;
  return {
    name: 'here',
    async identity() {
      const apart = (await isolation()) !== 'none';
      if (!apart) options.onWarning?.(LEAKS);
      return `here 1, ${await releaseHere()}, ${os.machine()}${apart ? '' : ', plain folders'}`;
    },
    versionsOf: async (tools) => toolVersions(tools, path.join(options.cache, 'versions.json')),
    ...runIn({
      base: async () => Promise.resolve('/'),
      compilation: compilationOf(options),
      isolation,
      ...(inside === undefined ? {} : {inside}),
    }),
  };
};
