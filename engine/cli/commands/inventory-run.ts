import {readHosts} from '../../actions/hosts.ts';
import {formatListing, graphInventory, hostVariables, listInventory} from '../../inventory/listing.ts';
import {printable} from '../../model/printable.ts';
import type {Context} from '../context.ts';
import type {HostOptions} from './host-options.ts';

export type InventoryCommandOptions = HostOptions & {list?: boolean; graph?: boolean; host?: string};

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
