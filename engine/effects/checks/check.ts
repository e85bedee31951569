import type {Fault} from '../../model/fault.ts';
import type {Json} from '../../model/canonical.ts';

/** What a check looks at: a stage's output before it counts as made. */
export type CheckedOutput = {
  /** The stage's name, for messages. */
  stage: string;
  /** Its output; not to be written to. */
  out: string;
  /** Its inputs' folders by their names. */
  inputs: Readonly<Record<string, string>>;
  /** As the stage gives them. */
  options: Json;
  signal: AbortSignal;
};

/** Looks at a stage's output and says all that is wrong with it. */
export type Check = (output: CheckedOutput) => Promise<readonly Fault[]>;
