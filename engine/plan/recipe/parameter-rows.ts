import * as v from 'valibot';
import type {Recipe} from './recipe.ts';

/** One parameter of a recipe, as a person reads it. */
export type ParameterRow = {name: string; description: string; required: boolean; default?: string};

type Schema = v.GenericSchema<unknown, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';

const rowOf = (name: string, schema: Schema): ParameterRow => {
  const fallback: unknown = v.getDefault(schema);
  return {
    name,
    description: v.getDescription(schema) ?? '',
    required: schema.type !== 'optional',
    ...(fallback === undefined ? {} : {default: JSON.stringify(fallback)}),
  };
};

/** The parameters of a recipe whose schema is an object, in its order. */
export const parameterRows = ({parameters}: Recipe): readonly ParameterRow[] => {
  const entries: unknown = 'entries' in parameters ? parameters.entries : undefined;
  if (typeof entries !== 'object' || entries === null) return [];
  return Object.entries(entries).flatMap(([name, schema]: [string, unknown]) =>
    isSchema(schema) ? [rowOf(name, schema)] : [],
  );
};
