import {readHosts} from '../../actions/hosts.ts';
import {formatListing, graphInventory, hostVariables, listInventory} from '../../inventory/listing.ts';
import {printable} from '../../model/printable.ts';
import type {Context} from '../run.ts';
import type {InventoryCommandOptions} from './inventory.ts';

/** Runs `linerate inventory`. */
export const runInventory = async (options: InventoryCommandOptions, {output, signal}: Context): Promise<void> => {
  const {inventory} = await readHosts(options, signal);
  for (const warning of inventory.warnings)
    output.err(
      `${output.paintError('magenta', 'warning:')} ${printable(`${warning.at === undefined ? '' : `${warning.at}: `}${warning.message}`)}\n`,
    );
  if (options.graph) output.out(`${printable(graphInventory(inventory))}\n`);
  else if (options.host !== undefined) output.out(`${formatListing(hostVariables(inventory, options.host))}\n`);
  else output.out(`${formatListing(listInventory(inventory))}\n`);
};
