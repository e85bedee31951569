import type {Builder, Job} from './builder.ts';
import type {Compilation} from './compiler-cache.ts';
import {enterText, INSIDE} from './enclosure.ts';
import {apartWords, isolationHere, type Isolation} from './isolation.ts';
import {enclosureOf, PATHS} from './job-folders.ts';
import {plainLaunch} from './plain.ts';
import {runScript, runShell, type Launch} from './script-run.ts';

/** What builders of this machine have in common. */
export type HereOptions = {
  /** Where what is worth keeping between builds lies: the compilers' cache, what programs said of their versions. */
  cache: string;
  /** Whether compilers' results are kept. */
  ccache: boolean;
  /** Machines that compile along: `DISTCC_HOSTS`. Stages keep the machine's network then. */
  distcc?: string;
  /** The folder that stages see; another one for `--prove`, which builds in two. */
  inside?: string;
  /** Told where stages cannot be kept apart. */
  onWarning?: (sentence: string) => void;
};

const SHELL = 'if command -v bash >/dev/null; then exec bash --norc -i; else exec sh -i; fi';

/** How stages are run in a root folder of this machine. */
export type Place = {
  base: () => Promise<string>;
  compilation: Compilation;
  inside?: string;
  /** Asked once for a builder. */
  isolation: () => Promise<Isolation>;
};

const launchOf = async (place: Place, job: Job, command: string): Promise<Launch> => {
  const {inside = INSIDE, compilation} = place;
  const isolation = await place.isolation();
  if (isolation === 'none') return plainLaunch(job, PATHS);
  const enclosure = await enclosureOf(await place.base(), job, inside, compilation);
  const text = enterText(enclosure, ['/bin/sh', '-c', `cd "$WORK"; ${command}`]);
  return {
    kind: 'apart',
    words: [...apartWords(isolation, compilation.distcc !== undefined), '/bin/sh', '-c', text],
  };
};

/** The answer of `isolationHere`, asked for once. */
export const isolationOnce = (): (() => Promise<Isolation>) => {
  let known: Promise<Isolation> | undefined;
  return async () => (known ??= isolationHere());
};

/** Runs scripts, and shells where they failed, in a place. */
export const runIn = (place: Place): Required<Pick<Builder, 'run' | 'shell'>> => ({
  run: async (job) => runScript(await launchOf(place, job, `exec /bin/sh -eu ${place.inside ?? INSIDE}/script`), job),
  async shell(job) {
    const {words, kind} = await launchOf(place, job, SHELL);
    if (kind === 'apart') await runShell(words);
  },
});
