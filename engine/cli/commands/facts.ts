import type {Command} from 'commander';
import type {Context} from '../context.ts';
import type {FactsCommandOptions} from './facts-run.ts';
import {addHostOptions} from './host-options.ts';

/** `linerate facts`: what one probe tells of each host. */
export const addFacts = (program: Command, context: Context): void => {
  addHostOptions(
    program.command('facts').description('read hosts and show what they are: CPUs, NUMA nodes, NICs, queues, services'),
  )
    .option('--json', 'all facts as JSON')
    .option(
      '--record <file>',
      'save one host as a recording that replays as a host; serials and addresses are scrubbed',
    )
    .action(async (options: FactsCommandOptions) => {
      const {runFacts} = await import('./facts-run.ts');
      await runFacts(options, context);
    });
};
