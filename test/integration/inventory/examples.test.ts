import {readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {readInventory} from '../../../engine/effects/inventory/read-inventory.ts';
import {targetOf} from '../../../engine/inventory/connection-variables.ts';
import {resolveVariables} from '../../../engine/inventory/templates.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {inventoryOptions} from '../../support/inventories.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../../../inventories');

for (const name of readdirSync(EXAMPLES)) {
  test(`the example ${name} is read without a warning, and linerate understands each of its hosts`, async (t) => {
    const inventory = await readInventory([path.join(EXAMPLES, name)], await inventoryOptions());
    t.deepEqual(inventory.warnings, []);
    t.true(inventory.hosts.size > 1);
    for (const host of inventory.hosts.values()) {
      t.is(targetOf(inventory, host.name, {connectTimeoutSeconds: 10}).via, 'ssh');
      const variables = parsePlanVariables(
        resolveVariables(host, 'linerate_'),
        (variable) => host.definitions.get(variable)?.at,
      );
      t.true(variables.settings.every(({at}) => /:\d+ linerate_settings$/.test(at)));
    }
  });
}

test('the fleet of the examples: addresses are looked up, and a folder of variables counts', async (t) => {
  const inventory = await readInventory([path.join(EXAMPLES, 'fleet')], await inventoryOptions());
  t.deepEqual(targetOf(inventory, 'dub-storage03', {connectTimeoutSeconds: 10}), {
    via: 'ssh',
    name: 'dub-storage03',
    address: 'dub-storage03.fleet.example.com',
    user: 'ops',
    arguments: ['-o', 'ProxyJump=bastion.dub.example.com'],
    connectTimeoutSeconds: 10,
    become: {user: 'root', method: 'sudo'},
  });
});
