import {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';
import type {Builder} from './builder.ts';
import {hereBuilder, type HereOptions} from './here.ts';

/** Finds builders by the names that stages give; each is opened once. */
export const openBuilders = (options: HereOptions): ((name: string) => Builder) => {
  const here = hereBuilder(options);
  return (name) => {
    if (name === 'here') return here;
    throw new Fault({
      code: 'unknown-builder',
      owner: 'user',
      message: `there is no builder ${printable(name)}`,
      hint: 'builders are `here` and the files of builders/',
    });
  };
};
