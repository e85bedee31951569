import {Fault} from '../model/fault.ts';
import {printable, printableLine} from '../model/printable.ts';

/** Something odd that does not stop the reading; `at` is `file:line` where known. */
export type Warning = {message: string; at?: string};

/** What is wrong with an inventory, gathered while the rest of it is still being read. */
export type Complaints = {faults: Fault[]; warnings: Warning[]};

/** What kind of mistake it is; each is a stable fault code. */
export type InventoryFaultCode =
  | 'inventory-connection'
  | 'inventory-cycle'
  | 'inventory-group'
  | 'inventory-host'
  | 'inventory-missing'
  | 'inventory-pattern'
  | 'inventory-plugin'
  | 'inventory-range'
  | 'inventory-script'
  | 'inventory-syntax'
  | 'inventory-template'
  | 'inventory-type'
  | 'inventory-variable'
  | 'inventory-vault';

/** A mistake in an inventory: always the user's to mend. Names and texts in it are made printable. */
export const inventoryFault = (code: InventoryFaultCode, message: string, at?: string, hint?: string): Fault =>
  new Fault({
    code,
    message: printableLine(message),
    owner: 'user',
    ...(at === undefined ? {} : {at: printable(at)}),
    ...(hint === undefined ? {} : {hint: printableLine(hint)}),
  });

export const newComplaints = (): Complaints => ({faults: [], warnings: []});

export const blame = (
  complaints: Complaints,
  code: InventoryFaultCode,
  message: string,
  at?: string,
  hint?: string,
): void => {
  complaints.faults.push(inventoryFault(code, message, at, hint));
};

export const warn = (complaints: Complaints, message: string, at?: string): void => {
  complaints.warnings.push({message: printableLine(message), ...(at === undefined ? {} : {at: printable(at)})});
};
