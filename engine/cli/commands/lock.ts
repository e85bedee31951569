import type {Command} from 'commander';
import type {Context} from '../context.ts';
import type {LockCommandOptions} from './lock-run.ts';

/** `linerate lock`: what builds are made from, pinned by digest. */
export const addLock = (program: Command, context: Context): void => {
  program
    .command('lock')
    .description('pin the sources of folders such as kernels/lab-6.1 in sources.lock.json')
    .argument('[targets...]', 'only the sources of these folders (default: of all)')
    .option('--update [source]', 'resolve what is pinned anew: this source and no other, or all of the targets')
    .option('--fetch', 'bring the files into the store too, so that a build needs no network')
    .option('--offline', 'ask nobody: tell whether all is pinned and in the store')
    .option('--store <folder>', 'where sources are kept (default: ~/.cache/linerate/store)')
    .option('--json', 'what became of each source, as JSON')
    .action(async (targets: readonly string[], options: LockCommandOptions) => {
      const {runLock} = await import('./lock-run.ts');
      await runLock(targets, options, context);
    });
};
