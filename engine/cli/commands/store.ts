import {InvalidArgumentError, type Command} from 'commander';
import type {Context} from '../context.ts';

const days = (text: string): number => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError('It must be a number of days.');
  return number;
};

const STORE = ['--store <folder>', 'the store (default: ~/.cache/linerate/store)'] as const;

/** `linerate store`: what builds keep, and how it goes. */
export const addStore = (program: Command, context: Context): void => {
  const store = program.command('store').description('what builds keep: outputs of stages, and sources');
  store
    .command('list')
    .description('outputs by the names of their stages')
    .option(...STORE)
    .option('--json', 'as JSON')
    .action(async (options: {store?: string; json?: boolean}) => {
      const {runStoreList} = await import('./store-run.ts');
      await runStoreList(options, context);
    });
  store
    .command('gc')
    .description('remove what no build has looked for lately; what is needed again is built or fetched again')
    .option(...STORE)
    .option('--unused <days>', 'what was not used for so many days', days, 30)
    .action(async (options: {store?: string; unused: number}) => {
      const {runStoreCollect} = await import('./store-run.ts');
      await runStoreCollect(options, context);
    });
};
