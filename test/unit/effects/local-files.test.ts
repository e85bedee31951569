import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import * as v from 'valibot';
import {resolveLocalFiles, type KnownFiles} from '../../../engine/effects/local-files.ts';
import {Faults} from '../../../engine/model/fault.ts';
import {localFile} from '../../../engine/plan/recipe/parameter/local-file.ts';

const RECIPE = {parameters: v.strictObject({kernel: localFile(), more: v.optional(v.array(localFile()))})};

let folder: string;

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'linerate-local-files-'));
  await mkdir(path.join(folder, 'sub'));
  await writeFile(path.join(folder, 'sub/a.deb'), 'bytes');
});

test.after.always(async () => rm(folder, {recursive: true, force: true}));

test('names become files, from the folder of whoever names them; each is read once', async (t) => {
  const file = {
    path: path.join(folder, 'sub/a.deb'),
    name: 'a.deb',
    sha256: createHash('sha256').update('bytes').digest('hex'),
  };
  const known: KnownFiles = new Map();
  const given = {kernel: './sub/a.deb', more: ['sub/../sub/a.deb', file.path]};
  t.deepEqual(await resolveLocalFiles(RECIPE, given, {folder}, known), {kernel: file, more: [file, file]});
  t.deepEqual([...known.keys()], [file.path]);
});

test('files that cannot be read are told all at once', async (t) => {
  const given = {kernel: 'none.deb', more: ['sub', 'sub/a.deb']};
  const error = await t.throwsAsync(resolveLocalFiles(RECIPE, given, {folder, at: 'group_vars/all.yml:3'}));
  if (!(error instanceof Faults)) throw new Error('no faults');
  t.deepEqual(
    error.errors.map(({code, at}) => [code, at]),
    [
      ['local-file', 'group_vars/all.yml:3'],
      ['local-file', 'group_vars/all.yml:3'],
    ],
  );
  t.regex(error.message, /none\.deb cannot be read: ENOENT.*sub cannot be read: EISDIR/);
});
