import {defaultStore, openStore} from '../effects/store/open-store.ts';
import {treeBytes} from '../effects/store/tree.ts';

export {defaultStore};

/** An output, as a person looks for it. */
export type StoreRow = {name: string; id: string; folder: string; bytes: number; usedMs: number};

/** What a store holds, by the names of stages. */
export const listStore = async (folder: string): Promise<{rows: readonly StoreRow[]; bytes: number}> => {
  const outputs = await openStore(folder).list();
  return {
    rows: outputs.map(({id, record, folder: at, bytes, usedMs}) => ({
      name: record.name,
      id,
      folder: at,
      bytes,
      usedMs,
    })),
    bytes: await treeBytes(folder),
  };
};

/**
 * Removes what nobody has looked for in so many days.
 * @throws Fault `store-busy`, `store-unwritable`
 */
export const collectStore = async (folder: string, unusedDays: number): Promise<{removed: number; bytes: number}> =>
  openStore(folder).collect(unusedDays);
