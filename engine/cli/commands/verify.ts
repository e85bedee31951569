import type {Command} from 'commander';
import type {Context} from '../context.ts';
import {addHostOptions, addRecipeOptions} from './host-options.ts';
import type {VerifyCommandOptions} from './verify-run.ts';

/** `linerate verify`: whether each host still holds what its plan wants, now and for the next boot. */
export const addVerify = (program: Command, context: Context): void => {
  addRecipeOptions(
    addHostOptions(
      program
        .command('verify')
        .description('check that hosts hold their plans, now and at the next boot: drift is a failure'),
    ),
  )
    .option('--junit <file>', 'write a JUnit report: a case for each setting')
    .option('--prometheus <file>', "write metrics for the node exporter's textfile collector")
    .action(async (options: VerifyCommandOptions) => {
      const {runVerify} = await import('./verify-run.ts');
      await runVerify(options, context);
    });
};
