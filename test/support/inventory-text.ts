import {newComplaints, throwFaults} from '../../engine/inventory/complaints.ts';
import {newDraft} from '../../engine/inventory/draft.ts';
import {readIni} from '../../engine/inventory/ini.ts';
import type {Inventory} from '../../engine/inventory/inventory.ts';
import {mergeInventory} from '../../engine/inventory/merge.ts';
import {settle} from '../../engine/inventory/settle.ts';
import {readYamlInventory} from '../../engine/inventory/yaml-inventory.ts';
import {readYaml} from '../../engine/inventory/yaml-text.ts';
import {inventoryFault} from '../../engine/inventory/complaints.ts';

/** An inventory out of one text, without a file: INI, or YAML when it starts with `---`. Vaults have no password. */
export const inventoryOf = (text: string): Inventory => {
  const decrypt = (_ciphertext: string, at: string): string => {
    throw inventoryFault('inventory-vault', 'the value is encrypted, and there is no vault password', at);
  };
  const draft = newDraft(newComplaints(), decrypt);
  if (text.startsWith('---')) {
    readYamlInventory(draft, readYaml(text, 'hosts.yml', decrypt), 'hosts.yml');
  } else readIni(draft, text, 'hosts');
  settle(draft);
  throwFaults(draft.complaints.faults);
  const none = {groups: new Map(), hosts: new Map()};
  return mergeInventory(draft, {besideSources: [], besidePlaybook: none, extra: new Map()});
};
