import {readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {Builder, Job} from './builder.ts';
import {enterText, INSIDE} from './enclosure.ts';
import {apartWords, isolationHere, type Isolation} from './isolation.ts';
import {enclosureOf, PATHS} from './job-folders.ts';
import {plainLaunch} from './plain.ts';
import {runScript, runShell, type Launch} from './script-run.ts';
import {toolVersions} from './versions.ts';

export type HereOptions = {
  /** Where what is worth keeping between builds lies: the compilers' cache, what programs said of their versions. */
  cache: string;
  /** Whether compilers' results are kept. */
  ccache: boolean;
  /** The folder that stages see; another one for `--prove`, which builds in two. */
  inside?: string;
  /** Told where stages cannot be kept apart. */
  onWarning?: (sentence: string) => void;
};

const releaseOf = async (base: string): Promise<string> => {
  const text = await readFile(path.join(base, 'etc/os-release'), 'utf8').catch(() => '');
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
  return `${field('ID')} ${field('VERSION_ID')}`.trim();
};

const LEAKS = 'stages run in plain folders, since this machine allows no namespaces: its paths may get into outputs';

const SHELL = 'if command -v bash >/dev/null; then exec bash --norc -i; else exec sh -i; fi';

/** The words that run a command in a job's root. */
export const enclosedWords = async (
  isolation: 'root' | 'user',
  job: Job,
  command: string,
  {base, inside, ccache}: {base: string; inside: string; ccache: string | undefined},
): Promise<readonly string[]> => {
  const enclosure = await enclosureOf(base, job, inside, ccache);
  const text = enterText(enclosure, ['/bin/sh', '-c', `cd "$WORK"; ${command}`]);
  return [...apartWords(isolation, false), '/bin/sh', '-c', text];
};

/** Stages run on this machine, in namespaces of their own where it allows that. */
export const hereBuilder = (options: HereOptions): Builder => {
  const inside = options.inside ?? INSIDE;
  const place = {base: '/', inside, ccache: options.ccache ? path.join(options.cache, 'ccache') : undefined};
  let isolation: Promise<Isolation> | undefined;
  const isolated = async (): Promise<Isolation> => (isolation ??= isolationHere());
  const launch = async (job: Job, command: string): Promise<Launch> => {
    const kind = await isolated();
    if (kind === 'none') return plainLaunch(job, PATHS);
    return {kind: 'apart', words: await enclosedWords(kind, job, command, place)};
  };
  return {
    name: 'here',
    async identity() {
      const apart = (await isolated()) !== 'none';
      if (!apart) options.onWarning?.(LEAKS);
      return `here 1, ${await releaseOf('/')}, ${os.machine()}${apart ? '' : ', plain folders'}`;
    },
    versionsOf: async (tools) => toolVersions(tools, path.join(options.cache, 'versions.json')),
    run: async (job) => runScript(await launch(job, `exec /bin/sh -eu ${inside}/script`), job),
    async shell(job) {
      const {words, kind} = await launch(job, SHELL);
      if (kind === 'apart') await runShell(words);
    },
  };
};
