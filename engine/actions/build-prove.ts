import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {openBuilders, type BuildersOptions} from '../effects/builders/open-builders.ts';
import {firstDifference} from '../effects/store/compare.ts';
import {openStore} from '../effects/store/open-store.ts';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import type {Stage} from '../stages/stage.ts';
import {buildStages, outputOf} from './build.ts';
import type {BuildOptions, BuildReport} from './build-types.ts';

/** Where the second build finds itself: deeper, so that a path in an output also changes its length. */
const ELSEWHERE = '/linerate/elsewhere/again';

/** Every file system and archive format tells two times this far apart. */
const PAUSE_MS = 2100;

const compareStage = async (name: string, first: BuildReport, second: BuildReport): Promise<Fault | undefined> => {
  const difference = await firstDifference(outputOf(first, name).folder, outputOf(second, name).folder);
  if (!difference) return undefined;
  return new Fault({
    code: 'not-reproducible',
    owner: 'tool',
    message: `two builds of the stage "${name}" differ in ${printable(difference.file)}: ${printable(difference.how)}`,
    hint: 'look for times, paths, names of machines, and the order of files or of processors',
  });
};

const compareAll = async (targets: readonly string[], first: BuildReport, second: BuildReport): Promise<void> => {
  for (const target of targets) {
    const differs = await compareStage(target, first, second);
    if (!differs) continue;
    for (const {name} of first.stages) {
      const cause = await compareStage(name, first, second);
      if (cause) throw cause;
    }
  }
};

const isWhole = ({stages}: BuildReport): boolean => stages.every(({state}) => state === 'built');

/**
 * Builds twice: from empty stores, without a compiler's cache, in different folders, at different times. It compares the
 * outputs that are wanted.
 * @returns the report of the first build, or of the one that failed
 * @throws Fault `not-reproducible` with the first stage on the way that differs
 */
export const buildTwice = async (
  stages: readonly Stage[],
  options: Omit<BuildOptions, 'builder'> & {
    targets: readonly string[];
    /** Builders that files define, and the machines of those over SSH. */
    builders?: Pick<BuildersOptions, 'definitions' | 'machines' | 'roots'>;
    /** Where builders keep what programs said of their versions. */
    cache: string;
    /** Called with the first build while its outputs are there, if the second one came to the same. */
    onProved: (first: BuildReport) => Promise<void>;
  },
): Promise<BuildReport> => {
  const release = await options.store.hold(options.signal);
  const {folder, remove} = await options.store.aside('prove');
  const once = async (name: string, inside?: string): Promise<BuildReport> =>
    buildStages(stages, {
      ...options,
      store: openStore(path.join(folder, name)),
      builder: openBuilders({
        ...options.builders,
        cache: options.cache,
        ccache: false,
        ...(inside === undefined ? {} : {inside}),
      }),
    });
  try {
    const first = await once('first');
    if (!isWhole(first)) return first;
    await setTimeout(PAUSE_MS, undefined, {signal: options.signal});
    const second = await once('second', ELSEWHERE);
    if (!isWhole(second)) return second;
    await compareAll(options.targets, first, second);
    await options.onProved(first);
    return first;
  } finally {
    await remove();
    await release();
  }
};
