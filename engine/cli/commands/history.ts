import type {Command} from 'commander';
import type {Context} from '../context.ts';
import {addHostOptions} from './host-options.ts';
import type {HistoryCommandOptions} from './history-run.ts';

/** `linerate history`: the runs whose journals the hosts keep. */
export const addHistory = (program: Command, context: Context): void => {
  addHostOptions(
    program
      .command('history')
      .description('the runs that each host keeps a journal of: when, who, from where, what came of it'),
  )
    .option('--run <id>', 'one run or apply in full: each change with what was there before and after, and its log')
    .option('--json', 'the whole journals as JSON')
    .action(async (options: HistoryCommandOptions) => {
      const {runHistory} = await import('./history-run.ts');
      await runHistory(options, context);
    });
};
