import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {readVaultPassword} from '../../../engine/effects/inventory/vault-passwords.ts';
import type {Host, Inventory} from '../../../engine/inventory/inventory.ts';
import {formatListing, hostVariables} from '../../../engine/inventory/listing.ts';
import {resolveVariable, resolveVariables} from '../../../engine/inventory/templates.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {Secret} from '../../../engine/model/secret.ts';
import {inventoryOptions, readFixture} from '../../support/inventories.ts';

const LIMITS = {timeoutMs: 20_000};

// The vaults of the fixture were made by ansible-vault.
const hostOf = (inventory: Inventory, name: string): Host => {
  const host = inventory.hosts.get(name);
  if (host === undefined) throw new Error(`there is no host ${name}`);
  return host;
};

test('values vaulted by ansible-vault are decrypted when they are used', async (t) => {
  const host = hostOf(await readFixture(['40-vault']), 'w1');
  t.is(resolveVariable(host, 'inline_default'), 'inline äöü secret');
  t.is(resolveVariable(host, 'inline_prod'), 'prod secret');
  t.deepEqual(resolveVariable(host, 'nested'), {list: ['a', 'sixteen bytes ok']});
  t.deepEqual(resolveVariables(host, 'inline_'), {inline_default: 'inline äöü secret', inline_prod: 'prod secret'});
  t.is(resolveVariable(host, 'unicode'), 'grüße');
  t.true(host.variables['inline_default'] instanceof Secret);
  t.false(JSON.stringify(host.variables['nested']).includes('sixteen'));
});

test('an inventory with vaulted values is read and listed without their password', async (t) => {
  const inventory = await readFixture(['43-vaulted-values.yml'], {vaultPasswords: []});
  t.regex(formatListing(hostVariables(inventory, 'h1')), /"__ansible_vault": "\$ANSIBLE_VAULT;1\.1;AES256/);
  t.is(resolveVariable(hostOf(inventory, 'h2'), 'x'), 1);
});

test('a password that does not fit is a fault with variable, host and line; another one may fit', async (t) => {
  const {vaultPasswords} = await inventoryOptions();
  const wrong = {id: 'default', password: new Secret('wrong')};
  const closed = await readFixture(['43-vaulted-values.yml'], {vaultPasswords: [wrong]});
  const fault = t.throws(() => resolveVariable(hostOf(closed, 'h1'), 'secret'), {instanceOf: Fault});
  t.is(fault.message, 'secret of host h1 is encrypted, and the vault password does not fit');
  t.regex(fault.at ?? '', /43-vaulted-values\.yml:4$/);
  const open = await readFixture(['43-vaulted-values.yml'], {vaultPasswords: [wrong, ...vaultPasswords]});
  t.is(resolveVariable(hostOf(open, 'h1'), 'secret'), 'opened');
});

test('a vault password comes from a file or from what a program prints', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'linerate-vault-'));
  try {
    const [plain, script, empty] = ['plain', 'script', 'empty'].map((name) => path.join(folder, name));
    await writeFile(plain ?? '', ' geheim \r\n');
    await writeFile(script ?? '', '#!/bin/sh\necho printed\n', {mode: 0o755});
    await writeFile(empty ?? '', '\n');
    const found = await Promise.all(
      [plain, `prod@${script ?? ''}`].map(async (one) => readVaultPassword(one ?? '', LIMITS)),
    );
    t.deepEqual(
      found.map(({id, password}) => [id, password.reveal()]),
      [
        ['default', 'geheim'],
        ['prod', 'printed'],
      ],
    );
    await t.throwsAsync(readVaultPassword(empty ?? '', LIMITS), {
      instanceOf: Fault,
      message: /the vault password of .* is empty/,
    });
    await t.throwsAsync(readVaultPassword(path.join(folder, 'no'), LIMITS), {message: /there is no such file/});
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
});
