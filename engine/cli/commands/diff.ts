import {Option, type Command} from 'commander';
import type {Context} from '../context.ts';
import type {DiffCommandOptions} from './diff-run.ts';
import {addHostOptions, addRecipeOptions} from './host-options.ts';

/** `linerate diff`: what each host's tuning is, what it will be after a reboot, what it should be, and why. */
export const addDiff = (program: Command, context: Context): void => {
  addRecipeOptions(
    addHostOptions(
      program
        .command('diff')
        .alias('plan')
        .description("show each host's tuning: now, at the next boot, and as it should be; changes nothing, anywhere"),
    ),
  )
    .option(
      '-v, --verbose',
      'with the reason and the source of each value; -vv: also what holds already',
      (_, count: number) => count + 1,
      0,
    )
    .option('--list-hosts', 'only list the hosts')
    .addOption(new Option('--json', 'one JSON document on standard output').conflicts('ndjson'))
    .option('--ndjson', 'one JSON line a host, as they come')
    .option('--out <file>', 'save the plans for review and apply')
    .option('--exit-code', 'exit with 10 when changes are pending')
    .action(async (options: DiffCommandOptions) => {
      const {runDiff} = await import('./diff-run.ts');
      await runDiff(options, context);
    });
};
