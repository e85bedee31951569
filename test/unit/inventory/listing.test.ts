import test from 'ava';
import fc from 'fast-check';
import {formatListing, graphInventory, hostVariables, listInventory} from '../../../engine/inventory/listing.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {inventoryOf} from '../../support/inventory-text.ts';

test('the text of a listing is JSON of the same value, whatever it holds', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({maxDepth: 4}), (value) => {
      t.deepEqual(JSON.parse(formatListing(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('whole numbers of any size stay exact', (t) => {
  const inventory = inventoryOf('h big=18446744073709551616 negative=-9007199254740993');
  t.is(
    formatListing(hostVariables(inventory, 'h')),
    '{\n    "big": 18446744073709551616,\n    "negative": -9007199254740993\n}',
  );
});

test('nothing in a listing can steer a terminal', (t) => {
  const text = formatListing({['a\u009b2J\u202e']: 'b\u001b[31m\u0085\u007f\u2066'});
  // eslint-disable-next-line no-control-regex
  t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  t.deepEqual(JSON.parse(text), {['a\u009b2J\u202e']: 'b\u001b[31m\u0085\u007f\u2066'});
});

test('a variable may have any name', (t) => {
  const inventory = inventoryOf('h __proto__=1 constructor=2');
  t.is(formatListing(hostVariables(inventory, 'h')), '{\n    "__proto__": 1,\n    "constructor": 2\n}');
  t.deepEqual(Object.keys(listInventory(inventory)).toSorted(), ['_meta', 'all', 'ungrouped']);
});

test('groups and hosts that are not there', (t) => {
  const inventory = inventoryOf('[web]\nw1');
  t.is(graphInventory(inventory, 'web'), '@web:\n  |--w1');
  t.throws(() => graphInventory(inventory, 'db'), {
    instanceOf: Fault,
    message: 'there is no group db in the inventory',
  });
  t.throws(() => hostVariables(inventory, 'w2'), {instanceOf: Fault, message: 'there is no host w2 in the inventory'});
});

test('every variable knows where it was set', (t) => {
  const inventory = inventoryOf('[web]\nw[1:2] a=1\n[web:vars]\na=0\nb=2\n[all:vars]\nc=3\n');
  const places = [...(inventory.hosts.get('w2')?.definitions ?? [])].map(([name, {at}]) => `${name} ${at ?? ''}`);
  t.deepEqual(places.toSorted(), ['a hosts:2', 'b hosts:5', 'c hosts:7']);
});

test('so does every variable of YAML, down to the line of its key', (t) => {
  const inventory = inventoryOf('---\nall:\n  vars:\n    a: 1\n\n    # why\n    b:\n      - 2\n  hosts: {h: {c: 3}}\n');
  const places = [...(inventory.hosts.get('h')?.definitions ?? [])].map(([name, {at}]) => `${name} ${at ?? ''}`);
  t.deepEqual(places.toSorted(), ['a hosts.yml:4', 'b hosts.yml:7', 'c hosts.yml:9']);
});
