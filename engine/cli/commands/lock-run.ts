import {lockTargets} from '../../actions/lock-targets.ts';
import type {Context} from '../context.ts';
import {renderLocked} from '../render/lock.ts';
import {sourceProgress} from '../source-progress.ts';

export type LockCommandOptions = {
  update?: string | true;
  fetch?: true;
  offline?: true;
  store?: string;
  json?: true;
};

const updateOf = ({update}: LockCommandOptions): 'none' | 'all' | readonly string[] =>
  update === undefined ? 'none' : update === true ? 'all' : [update];

/** Runs `linerate lock`. */
export const runLock = async (
  targets: readonly string[],
  options: LockCommandOptions,
  {output, signal}: Context,
): Promise<void> => {
  const progress = sourceProgress(output);
  try {
    const locked = await lockTargets(targets, {
      update: updateOf(options),
      fetch: options.fetch === true,
      offline: options.offline === true,
      environment: process.env,
      ...(options.store === undefined ? {} : {store: options.store}),
      signal,
      onProgress: progress.onProgress,
      onNote: progress.onNote,
    });
    progress.stop();
    output.out(options.json ? `${JSON.stringify({sources: locked}, undefined, 2)}\n` : renderLocked(locked, output));
  } finally {
    progress.stop();
  }
};
