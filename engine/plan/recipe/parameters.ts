import * as v from 'valibot';
import {parseCpuList} from '../../model/cpulist.ts';

/** A schema with a sentence on what it is for, which `linerate recipes` prints. */
export const described = <const S extends v.GenericSchema>(
  schema: S,
  text: string,
): v.SchemaWithPipe<readonly [S, v.DescriptionAction<v.InferOutput<S>, string>]> => v.pipe(schema, v.description(text));

/** A TCP or UDP port. */
export const port = v.pipe(
  v.number('must be a port'),
  v.integer('must be a port'),
  v.minValue(1, 'must be a port'),
  v.maxValue(65_535, 'must be a port'),
);

/** A whole number from 1 up. */
export const count = v.pipe(
  v.number('must be a whole number'),
  v.safeInteger('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
);

/** CPUs as a list: `0-3,8`, a number, or an array of numbers; gives an array. */
export const cpuList = v.pipe(
  v.union([v.string(), v.number(), v.array(v.number())], 'must be a CPU list such as 0-3,8'),
  v.transform((value) => parseCpuList(Array.isArray(value) ? value.join(',') : String(value))),
  v.check((value) => value !== undefined && value.length > 0, 'must be a CPU list such as 0-3,8'),
  v.transform((value) => value ?? []),
);

/** A name of a service, user or file: nothing that a shell, systemd or a path takes for more. */
export const plainName = v.pipe(
  v.string('must be a name'),
  v.regex(/^[A-Za-z0-9_][\w.@-]{0,63}$/, 'must be a name of letters, digits, _ . @ -'),
);

/** An absolute path without `..`. */
export const absolutePath = v.pipe(
  v.string('must be an absolute path'),
  v.regex(/^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^\p{Cc}]*$/u, 'must be an absolute path'),
);
