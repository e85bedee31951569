import type {BuildEvent} from '../actions/build-types.ts';
import type {Output} from './output.ts';

/** Shows what a build does while it lasts; every word of it goes to standard error. */
export type BuildProgress = {onEvent: (event: BuildEvent) => void; stop: () => Promise<void>};

export type ProgressOptions = {
  /** Whether to say for each stage why it is made anew. */
  why: boolean;
  /** Stages at once. */
  parallel: number;
  output: Output;
};
