import {cp, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import test from 'ava';

import {loadSheets} from '../../../engine/catalogue/sheets.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {exampleFacts} from '../../support/facts.ts';

test('ids are the names of the files, paths are as a reader of the project knows them', (t) => {
  const sheets = loadSheets();
  for (const [id, sheet] of sheets.workloads) t.is(sheet.path, `templates/workloads/${id}.yaml.hbs`);
  t.is(sheets.nics.get('ice')?.path, 'templates/nics/ice.yaml.hbs');
  t.is(sheets.nics.get('ice')?.layer, 'nic');
  t.is(sheets.workloads.get('latency')?.layer, 'workload');
});

test('a driver that has had another name is found by both', (t) => {
  const {nics} = loadSheets();
  t.is(nics.get('gvnic'), nics.get('gve'));
});

test('a new file is a new sheet, and a broken one is a fault with its line', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'linerate-sheets-'));
  t.teardown(() => rm(root, {recursive: true, force: true}));
  await cp(join(import.meta.dirname, '../../../templates'), join(root, 'templates'), {recursive: true});
  await writeFile(join(root, 'templates/workloads/mine.yaml.hbs'), '- set: thp enabled\n  to: never\n  why: because\n');
  const sheet = loadSheets(root).workloads.get('mine');
  const fault = t.throws(() => sheet?.render({facts: exampleFacts(), workload: 'mine'}), {instanceOf: Fault});
  t.is(fault.at, 'templates/workloads/mine.yaml.hbs:1');
  t.is(fault.message, '"source" is missing');
  await writeFile(join(root, 'templates/folklore.yaml'), '- set: thp enabled\n  when: always\n  grade: bad\n');
  const faults = t.throws(() => loadSheets(root), {name: 'Faults'});
  t.regex(faults.message, /"grade" must be harmful or notice.*"message" is missing/);
});
