import {existsSync, readFileSync} from 'node:fs';

import test from 'ava';

import {identityOf, NIC_FAMILIES} from '../../../dataplane/nics.ts';

const PCI_IDS = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'].find((path) => existsSync(path));

/** Names by `vendor:device` of Debian's package pci.ids. */
const registry = (): ReadonlyMap<string, string> => {
  if (PCI_IDS === undefined)
    throw new Error('pci.ids is not installed: run `linerate doctor --install` (package pci.ids)');
  const names = new Map<string, string>();
  let vendor = '';
  for (const line of readFileSync(PCI_IDS, 'utf8').split('\n')) {
    if (line.startsWith('C ')) break;
    const of = /^([0-9a-f]{4})  /.exec(line)?.[1];
    const [, device, name] = /^\t([0-9a-f]{4})  (.+)$/.exec(line) ?? [];
    if (of !== undefined) vendor = of;
    else if (device !== undefined && name !== undefined) names.set(`${vendor}:${device}`, name);
  }
  return names;
};

/** Ids that the registry of 2023 does not have; each is in the source that its row names. */
const UNREGISTERED = new Set('1d0f:0051 1d0f:0ec2 1d0f:1ec2 1d0f:ec21 1414:00ba 19ee:4000 19ee:6000'.split(' '));

const rows = NIC_FAMILIES.flatMap((family) =>
  Object.entries(family.devices).map(([device, name]) => ({family, key: `${family.vendor}:${device}`, device, name})),
);

/** `E810-C`, `ConnectX-6`, `BCM57414`: the words of a name that tell the model. */
const model = (name: string): string => name.split(/[ (]/)[0]?.toLowerCase() ?? '';

test('the registry of PCI ids knows every id, by the same model', (t) => {
  const names = registry();
  for (const {key, name} of rows.filter((row) => !UNREGISTERED.has(row.key))) {
    const registered = names.get(key);
    t.not(registered, undefined, `${key} ${name} is not in pci.ids`);
    t.true(registered?.toLowerCase().includes(model(name)), `${key}: "${name}" here, "${registered ?? ''}" in pci.ids`);
  }
});

test('every exception from the registry is an id of some row', (t) => {
  const all = new Set(rows.map(({key}) => key));
  for (const key of UNREGISTERED) t.true(all.has(key), key);
});

test('virtual functions are told apart as the registry tells them', (t) => {
  const names = registry();
  for (const {key, family} of rows.filter((row) => names.has(row.key)))
    t.is(family.virtualFunction === true, /virtual function/i.test(names.get(key) ?? ''), key);
});

test('ids are four hex digits, each in one row, in order', (t) => {
  for (const {key} of rows) t.regex(key, /^[0-9a-f]{4}:[0-9a-f]{4}$/);
  t.is(new Set(rows.map(({key}) => key)).size, rows.length);
  for (const {id, devices} of NIC_FAMILIES) {
    const own = Object.keys(devices);
    const integers = own.filter((key) => /^[1-9]\d*$/.test(key));
    const others = own.filter((key) => !integers.includes(key));
    // JavaScript puts keys that look like array indices first, whatever the source says.
    t.deepEqual(own, [...integers.sort(), ...others.sort()], id);
  }
});

test('family ids are words of their own', (t) => {
  const ids = NIC_FAMILIES.map(({id}) => id);
  t.is(new Set(ids).size, ids.length);
  for (const id of ids) t.regex(id, /^[a-z]+(?:-[a-z0-9]+)+$/);
});

test('what DPDK binds has a poll-mode driver, and what it does not has none', (t) => {
  for (const {id, binding, pmd} of NIC_FAMILIES) t.is(pmd === undefined, binding === 'none', id);
});

test('NVIDIA and Azure NICs stay with the kernel', (t) => {
  for (const {driver, binding} of NIC_FAMILIES)
    t.is(binding === 'bifurcated', ['mlx4_core', 'mlx5_core', 'mana'].includes(driver), driver);
});

test('an id is found as sysfs writes it and as lspci does', (t) => {
  t.is(identityOf('0x8086', '0x1592')?.name, 'E810-C QSFP');
  t.is(identityOf('8086', '1592')?.driver, 'ice');
  t.is(identityOf('15B3', '101D')?.binding, 'bifurcated');
  t.is(identityOf('1d0f', 'ec20')?.pmd, 'net_ena');
  t.is(identityOf('8086', 'ffff'), undefined);
  t.is(identityOf('', ''), undefined);
});
