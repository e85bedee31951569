import path from 'node:path';
import {Fault, Faults} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import {localFilePaths, withLocalFiles, type LocalFile} from '../plan/recipe/parameter/local-file.ts';
import type {Recipe} from '../plan/recipe/recipe.ts';
import {digestOfFile} from './files.ts';

/** Files that were read before, by their absolute paths: many hosts of a run name the same ones. */
export type KnownFiles = Map<string, Promise<LocalFile>>;

const read = async (file: string, at: string | undefined): Promise<LocalFile> => {
  try {
    return {path: file, name: path.basename(file), sha256: await digestOfFile(file)};
  } catch (cause) {
    throw new Fault({
      code: 'local-file',
      owner: 'user',
      message: `${printableLine(file)} cannot be read: ${printableLine(cause instanceof Error ? cause.message : String(cause))}`,
      ...(at === undefined ? {} : {at}),
      cause,
    });
  }
};

/**
 * Reads the files that a recipe's parameters name (`localFile`), and puts them in the places of their names. A name is a path
 * from `folder`; `at` says where the parameters stand.
 * @throws Faults one for each file that cannot be read
 */
export const resolveLocalFiles = async (
  {parameters: schema}: Pick<Recipe, 'parameters'>,
  given: unknown,
  from: {folder: string; at?: string},
  known: KnownFiles = new Map(),
): Promise<unknown> => {
  const files = new Map(
    localFilePaths(schema, given).map((name) => {
      const file = path.resolve(from.folder, name);
      const found = known.get(file) ?? read(file, from.at);
      known.set(file, found);
      return [name, found] as const;
    }),
  );
  const settled = await Promise.allSettled(files.values());
  const faults = settled.flatMap((one) => (one.status === 'rejected' && one.reason instanceof Fault ? one.reason : []));
  if (faults.length > 0) throw new Faults(faults);
  const pairs = [...files].map(async ([name, file]) => [name, await file] as const);
  return withLocalFiles(schema, given, new Map(await Promise.all(pairs)));
};
