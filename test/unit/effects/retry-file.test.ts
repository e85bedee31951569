import {existsSync, mkdirSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {demandRetryFile, writeRetryFile} from '../../../engine/effects/retry-file.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {temporaryFolder} from '../../support/cli.ts';

const folder = temporaryFolder();

test('hosts are listed one a line; without any the file of an earlier try goes away', async (t) => {
  const file = path.join(folder, 'retry');
  await writeRetryFile(file, []);
  t.false(existsSync(file));
  await writeRetryFile(file, ['web1', 'web2']);
  t.is(readFileSync(file, 'utf8'), 'web1\nweb2\n');
  await writeRetryFile(file, ['web2']);
  t.is(readFileSync(file, 'utf8'), 'web2\n');
  await writeRetryFile(file, []);
  t.false(existsSync(file));
});

test('a place where no file can be is said at once, and nothing is left there', async (t) => {
  const missing = await t.throwsAsync(demandRetryFile(path.join(folder, 'none', 'retry')), {instanceOf: Fault});
  t.is(missing.message, `cannot write --retry-file ${folder}/none/retry: ${folder}/none is not there, or not writable`);
  const there = path.join(folder, 'folder');
  mkdirSync(there);
  const isFolder = await t.throwsAsync(demandRetryFile(there), {instanceOf: Fault});
  t.is(isFolder.message, `cannot write --retry-file ${there}: it is a folder`);
  await demandRetryFile(path.join(there, 'new'));
  t.deepEqual(readdirSync(there), []);
});
