import {Fault, Faults} from '../model/fault.ts';
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

/** A word of a line as messages may show it: not when the line looks as if it held a secret. */
export const shownWord = (line: string, word: string): string =>
  /pass|secret|token|vault/i.test(line) ? '[redacted]' : word;

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

/** Keeps what a reader threw, when it is about the input; anything else is a bug and goes on. */
export const blameThrown = (complaints: Complaints, thrown: unknown): void => {
  if (thrown instanceof Fault) complaints.faults.push(thrown);
  else if (thrown instanceof Faults) complaints.faults.push(...thrown.errors);
  else throw thrown;
};

/** Throws the one fault, or all of them together; with none it does nothing. */
export const throwFaults = (faults: readonly Fault[]): void => {
  const [first] = faults;
  if (first === undefined) return;
  throw faults.length === 1 ? first : new Faults(faults);
};

export const warn = (complaints: Complaints, message: string, at?: string): void => {
  complaints.warnings.push({message: printableLine(message), ...(at === undefined ? {} : {at: printable(at)})});
};
