import {collectStore, defaultStore, listStore} from '../../actions/store.ts';
import {printable} from '../../model/printable.ts';
import type {Context} from '../context.ts';
import {size, storeTable} from '../render/store.ts';

const folderOf = ({store}: {store?: string}): string => store ?? defaultStore(process.env);

/** Lists what a store holds. */
export const runStoreList = async (options: {store?: string; json?: boolean}, {output}: Context): Promise<void> => {
  const folder = folderOf(options);
  const {rows, bytes} = await listStore(folder);
  if (options.json === true) output.out(`${JSON.stringify({folder, bytes, outputs: rows}, undefined, 2)}\n`);
  else {
    output.out(storeTable(rows, Date.now()));
    output.err(`${printable(folder)}: ${String(rows.length)} outputs, ${size(bytes)} with sources and caches\n`);
  }
};

/** Removes what was not used for long. */
export const runStoreCollect = async (options: {store?: string; unused: number}, {output}: Context): Promise<void> => {
  const {removed, bytes} = await collectStore(folderOf(options), options.unused);
  output.err(`${String(removed)} outputs and sources removed, ${size(bytes)} freed\n`);
};
