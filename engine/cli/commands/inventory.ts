import {Option, type Command} from 'commander';
import type {Context} from '../context.ts';
import type {InventoryCommandOptions} from './inventory-run.ts';
import {addHostOptions} from './host-options.ts';

/** `linerate inventory`: what an inventory says, as ansible-inventory would put it. */
export const addInventory = (program: Command, context: Context): void => {
  addHostOptions(program.command('inventory').description('show an inventory as it is understood'))
    .addOption(new Option('--list', 'all hosts, groups and variables as JSON (default)').conflicts(['graph', 'host']))
    .addOption(new Option('--graph', 'the tree of groups').conflicts('host'))
    .option('--host <name>', 'the variables of one host as JSON')
    .action(async (options: InventoryCommandOptions) => {
      const {runInventory} = await import('./inventory-run.ts');
      await runInventory(options, context);
    });
};
