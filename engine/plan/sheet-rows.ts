import * as v from 'valibot';
import {parseDocument} from 'yaml';

import {Fault, Faults} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import {canonicalAddress} from './sheet-address.ts';
import {flatRow} from './sheet-flat-row.ts';

/** One line of text and the number it has in the file it came from. */
export type Line = {text: string; number: number};

/** One `- …` item of a YAML list at the left margin, and the lines it stands on. */
export type Row = {lines: readonly Line[]};

/** A text value or a number, as text. */
export const scalar = v.pipe(
  v.union([v.string(), v.number()], 'must be a text or a number'),
  v.transform(String),
  v.nonEmpty('must not be empty'),
);

/** One scalar, or a list of them. */
export const scalars = v.union(
  [
    v.pipe(
      scalar,
      v.transform((value) => [value]),
    ),
    v.pipe(v.array(scalar), v.nonEmpty('must not be empty')),
  ],
  'must be a value or a list of values',
);

/** A sentence for a reader. */
export const sentence = v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty'));

/** A setting's address, in its one form. */
export const address = v.pipe(
  v.string('must be a text'),
  v.rawTransform(({dataset, addIssue, NEVER}) => {
    const canonical = canonicalAddress(dataset.value);
    if (canonical !== undefined) return canonical;
    addIssue({message: `is "${printableLine(dataset.value, 80)}", which is not an address of any kind`});
    return NEVER;
  }),
);

const fault = (path: string, line: number, message: string, code = 'sheet-schema'): Fault =>
  new Fault({code, message, owner: 'user', at: `${path}:${String(line)}`});

/** Cuts numbered lines into rows; only blank lines and comments may come before the first one. */
export const rowsOf = (lines: readonly Line[], path: string): Row[] => {
  const rows: {lines: Line[]}[] = [];
  for (const line of lines) {
    if (line.text.startsWith('- ')) rows.push({lines: [line]});
    else if (rows.length > 0) rows.at(-1)?.lines.push(line);
    else if (!/^\s*(#.*)?$/.test(line.text))
      throw fault(path, line.number, `"${printableLine(line.text, 80)}" stands before the first "- "`, 'sheet-syntax');
  }
  return rows;
};

/** The lines of a file as it is. */
export const linesOf = (text: string): Line[] =>
  text.split('\n').map((line, index) => ({text: line, number: index + 1}));

const firstLine = (row: Row): number => row.lines[0]?.number ?? 1;

const lineOfKey = (row: Row, key: string | undefined): number =>
  row.lines.find((line) => key !== undefined && /^(?:- |\s+)([\w-]+)\s*:/.exec(line.text)?.[1] === key)?.number ??
  firstLine(row);

const parseRow = (row: Row, path: string): unknown => {
  const texts = row.lines.map((line) => line.text);
  const flat = flatRow(texts);
  if (flat) return flat;
  const document = parseDocument(texts.join('\n'));
  const [error] = document.errors;
  if (error) {
    const line = row.lines[(error.linePos?.[0].line ?? 1) - 1]?.number ?? firstLine(row);
    const [message = ''] = error.message.split(/ at line \d+/);
    throw fault(path, line, `not YAML: ${printableLine(message, 200)}`, 'sheet-syntax');
  }
  const list: unknown = document.toJS();
  return Array.isArray(list) ? list[0] : list;
};

const issueFault = (row: Row, path: string, issue: v.BaseIssue<unknown>): Fault => {
  const key = issue.path?.map((part) => String(part.key)).join('.');
  const line = lineOfKey(row, key);
  if (issue.kind === 'schema' && issue.type === 'strict_object' && key !== undefined)
    return fault(
      path,
      line,
      issue.expected === 'never' ? `"${printableLine(key, 80)}" is not a key here` : `"${key}" is missing`,
    );
  return fault(path, line, key === undefined ? issue.message : `"${key}" ${issue.message}`);
};

/**
 * The value of a row, checked. Throws one `Fault`, or `Faults` when there are several, each with the file and line;
 * `line` of the answer is where the row begins.
 */
export const checkRow = <Schema extends v.GenericSchema>(
  schema: Schema,
  row: Row,
  path: string,
): {value: v.InferOutput<Schema>; line: number} => {
  const result = v.safeParse(schema, parseRow(row, path));
  if (result.success) return {value: result.output, line: firstLine(row)};
  const [first, ...more] = result.issues.map((issue) => issueFault(row, path, issue));
  if (first && more.length === 0) throw first;
  throw new Faults(first ? [first, ...more] : more);
};

/** What `act` makes of each item; when it throws faults, all of them at once after the last item. */
export const allOrFaults = <Item, Result>(items: readonly Item[], act: (item: Item) => Result): Result[] => {
  const results: Result[] = [];
  const faults: Fault[] = [];
  for (const item of items) {
    try {
      results.push(act(item));
    } catch (error) {
      if (error instanceof Faults) faults.push(...error.errors);
      else if (error instanceof Fault) faults.push(error);
      else throw error;
    }
  }
  if (faults.length > 1) throw new Faults(faults);
  if (faults[0]) throw faults[0];
  return results;
};

/** All rows of a list file, checked; every fault of every row at once. */
export const checkRows = <Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
  path: string,
): v.InferOutput<Schema>[] => allOrFaults(rowsOf(linesOf(text), path), (row) => checkRow(schema, row, path).value);
