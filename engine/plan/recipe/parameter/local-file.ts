import * as v from 'valibot';

/** A file of the controller that a parameter names. */
export type LocalFile = {
  /** Absolute. */
  path: string;
  /** Without its folders. */
  name: string;
  /** 64 hexadecimal digits. */
  sha256: string;
};

const MARK = 'linerate local file';

/**
 * A parameter that names a file of the controller, by a path from the folder of whoever says so. Recipes read nothing: what
 * carries them out puts the file's path, name and digest in the name's place first (`localFilePaths`, `withLocalFiles`).
 */
export const localFile = () =>
  v.pipe(
    v.strictObject({path: v.string(), name: v.string(), sha256: v.string()}, 'must be the path of a file'),
    v.metadata({[MARK]: true}),
  );

type Schema = v.GenericSchema<unknown, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isLocalFile = (schema: Schema): boolean => v.getMetadata(schema)[MARK] === true;

/** Schemas of what a schema holds: of an object's entry, of each item, of each of several ways. */
const inside = (schema: Schema, key: string): readonly Schema[] => {
  const members: Readonly<Record<string, unknown>> = {...schema};
  const entries = isRecord(members['entries']) ? members['entries'][key] : undefined;
  return [entries, members['item'], members['value']].filter(isSchema);
};

/** Of a schema that stands for others, those others. */
const ways = (schema: Schema): readonly Schema[] => {
  const members: Readonly<Record<string, unknown>> = {...schema};
  const options: readonly unknown[] = Array.isArray(members['options']) ? members['options'] : [];
  const found = [members['wrapped'], ...options].filter(isSchema);
  return found.length === 0 ? [schema] : found.flatMap(ways);
};

const changed = (schemas: readonly Schema[], given: unknown, change: (path: string) => unknown): unknown => {
  const all = schemas.flatMap((schema) => (isLocalFile(schema) ? [schema] : ways(schema)));
  if (typeof given === 'string') return all.some(isLocalFile) ? change(given) : given;
  const at = (key: string): readonly Schema[] => all.flatMap((schema) => inside(schema, key));
  if (Array.isArray(given)) return given.map((one: unknown, place) => changed(at(String(place)), one, change));
  if (!isRecord(given)) return given;
  return Object.fromEntries(Object.entries(given).map(([key, one]) => [key, changed(at(key), one, change)]));
};

/** The files that parameters name where their schema wants a `localFile`, as they are written, each once. */
export const localFilePaths = (schema: Schema, given: unknown): readonly string[] => {
  const paths = new Set<string>();
  changed([schema], given, (path) => paths.add(path));
  return [...paths];
};

/** Parameters with the files in the places of their names; a name that is in none of `files` stays, and is refused then. */
export const withLocalFiles = (schema: Schema, given: unknown, files: ReadonlyMap<string, LocalFile>): unknown =>
  changed([schema], given, (path) => files.get(path) ?? path);
