import test from 'ava';
import fc from 'fast-check';
import * as v from 'valibot';
import {localFile, localFilePaths, withLocalFiles} from '../../../../../engine/plan/recipe/parameter/local-file.ts';

const SCHEMA = v.strictObject({
  kernel: localFile(),
  title: v.string(),
  more: v.optional(v.array(v.pipe(v.strictObject({file: v.optional(localFile()), name: v.string()}), v.readonly()))),
  either: v.optional(v.union([v.number(), localFile()])),
  byName: v.optional(v.record(v.string(), localFile())),
});

const GIVEN = {
  kernel: './linux.deb',
  title: './title',
  more: [{file: 'a', name: 'b'}, {name: 'c'}, {file: './linux.deb', name: 'd'}],
  either: 'either',
  byName: {x: 'y', a: 'a'},
};

const fileAt = (path: string) => ({path: `/abs/${path}`, name: path, sha256: '0'.repeat(64)});

test('names of files are found wherever the schema wants one, each once', (t) => {
  t.deepEqual(localFilePaths(SCHEMA, GIVEN), ['./linux.deb', 'a', 'either', 'y']);
  t.deepEqual(localFilePaths(v.pipe(SCHEMA, v.description('all of it')), GIVEN), ['./linux.deb', 'a', 'either', 'y']);
});

test('files stand in the places of their names, and the schema takes them', (t) => {
  const files = new Map(localFilePaths(SCHEMA, GIVEN).map((path) => [path, fileAt(path)]));
  const parsed = v.parse(SCHEMA, withLocalFiles(SCHEMA, GIVEN, files));
  t.deepEqual(parsed, {
    kernel: fileAt('./linux.deb'),
    title: './title',
    more: [{file: fileAt('a'), name: 'b'}, {name: 'c'}, {file: fileAt('./linux.deb'), name: 'd'}],
    either: fileAt('either'),
    byName: {x: fileAt('y'), a: fileAt('a')},
  });
});

test('what is no name of a file, or was not found, is refused by the schema', (t) => {
  const messages = (given: unknown): readonly string[] =>
    v.safeParse(v.strictObject({file: localFile()}), given).issues?.map(({message}) => message) ?? [];
  t.deepEqual(messages({file: './x'}), ['must be the path of a file']);
  t.deepEqual(messages({file: 7}), ['must be the path of a file']);
});

test('whatever is given, names that are found are those that are replaced, and all else stays', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({kernel: fc.string(), title: fc.anything()})), (given) => {
      const paths = localFilePaths(SCHEMA, given);
      t.deepEqual(withLocalFiles(SCHEMA, given, new Map()), given);
      const replaced = withLocalFiles(SCHEMA, given, new Map(paths.map((path) => [path, fileAt(path)])));
      t.deepEqual(localFilePaths(SCHEMA, replaced), []);
    }),
  );
});
