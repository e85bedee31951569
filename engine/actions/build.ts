import type {Stage} from '../stages/stage.ts';
import type {BuildOptions, BuildReport} from './build-types.ts';

/** Makes what is not there yet of stages, each after those that it is made from. */
export const buildStages = async (_stages: readonly Stage[], _options: BuildOptions): Promise<BuildReport> =>
  Promise.reject(new Error('not yet'));
