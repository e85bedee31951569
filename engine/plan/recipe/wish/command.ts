import {commandText, type Command} from '../../../resources/command.ts';
import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

/**
 * A program that is run where its condition does not hold: `unless`, a program that only reads and ends with status 0 where
 * there is nothing to do (a dry run runs it too), or `creates`, a path that is there afterwards. One of the two is needed,
 * and it must hold once the program was run. Without `undo` the run cannot be taken back, which needs
 * `--allow-irreversible`. No shell is between: for one, say `['sh', '-c', …]`. `name` is a word that tells it from others.
 */
export const command = (
  name: string,
  {
    run,
    unless,
    creates,
    undo,
    ...details
  }: WishDetails & {
    run: readonly string[];
    unless?: readonly string[];
    creates?: string;
    undo?: readonly string[];
  },
): Wish => {
  const one: Command = {
    run: [...run],
    ...(unless === undefined ? {} : {unless: [...unless]}),
    ...(creates === undefined ? {} : {creates}),
    ...(undo === undefined ? {} : {undo: [...undo]}),
  };
  return {set: `command ${name}`, to: commandText(one, true), ...detailsOf(details)};
};
