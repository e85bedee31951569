import {readString} from './python-string.ts';
import type {Raw} from './values.ts';

/** What could be a literal at all: everything else is text, and most values are, addresses and versions above all. */
const PROMISING = /^(?!\d+\.\d+\.)[ \t]*(?:[-+.\d'"([{]|[rRbBuU]{1,2}['"]|True\b|False\b|None\b)/;

const PREFIXED = /0(?:[xX](?:_?[\da-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)/y;
const FLOAT =
  /(?:(?:\d(?:_?\d)*\.(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][-+]?\d(?:_?\d)*)/y;
const INTEGER = /(?:[1-9](?:_?\d)*|0(?:_?0)*)/y;
const NAME = /(?:True|False|None)/y;
const WORD_ENDS = /(?![\w.])/y;
const BLANK = /(?:[ \t\f]|#.*$)*/y;

const NAMES: Readonly<Record<string, boolean | null>> = {True: true, False: false, None: null};

const MOST_NESTED = 90;

type Cursor = {readonly source: string; at: number; nested: number};

class NotLiteral extends Error {}

const take = (cursor: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.source)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
};

const accept = (cursor: Cursor, sign: string): boolean => {
  take(cursor, BLANK);
  if (!cursor.source.startsWith(sign, cursor.at)) return false;
  cursor.at += sign.length;
  return true;
};

/** Whole numbers beyond 2^53 stay exact. */
export const wholeNumber = (digits: string): number | bigint => {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
};

const unsigned = (cursor: Cursor): number | bigint | undefined => {
  const whole = take(cursor, PREFIXED);
  const fraction = whole === undefined ? take(cursor, FLOAT) : undefined;
  const digits = whole ?? fraction ?? take(cursor, INTEGER);
  if (digits === undefined) return undefined;
  const plain = digits.replaceAll('_', '');
  return fraction === undefined ? wholeNumber(plain) : Number(plain);
};

const numberWord = (cursor: Cursor): number | bigint | undefined => {
  take(cursor, BLANK);
  const value = unsigned(cursor);
  if (value !== undefined && take(cursor, WORD_ENDS) === undefined) throw new NotLiteral();
  return value;
};

/** A sign may stand before a number, also in parentheses, and before nothing else: `--5` and `-True` are text. */
const signed = (cursor: Cursor): number | bigint | undefined => {
  const negative = accept(cursor, '-');
  if (!negative && !accept(cursor, '+')) return numberWord(cursor);
  let open = 0;
  while (accept(cursor, '(')) open++;
  const value = numberWord(cursor);
  if (value === undefined) throw new NotLiteral();
  for (; open > 0; open--) if (!accept(cursor, ')')) throw new NotLiteral();
  return negative ? -value : value;
};

/** Neighbouring literals are one string, as in C. */
const text = (cursor: Cursor): string | undefined => {
  let whole: string | undefined;
  let bytes: boolean | undefined;
  for (;;) {
    const part = readString(cursor.source, cursor.at);
    if (part === undefined) return whole;
    if (bytes !== undefined && bytes !== part.bytes) throw new NotLiteral();
    bytes = part.bytes;
    whole = (whole ?? '') + part.text;
    cursor.at = part.end;
    take(cursor, BLANK);
  }
};

/** Items up to `close`, and whether a comma stood among them: `(1)` is a number, `(1,)` a tuple. */
const items = (cursor: Cursor, close: string): {values: Raw[]; comma: boolean} => {
  const values: Raw[] = [];
  let comma = false;
  while (!accept(cursor, close)) {
    if (values.length > 0 && !comma) throw new NotLiteral();
    values.push(value(cursor));
    const more = accept(cursor, ',');
    if (!more && !accept(cursor, close)) throw new NotLiteral();
    comma ||= more;
    if (!more) break;
  }
  return {values, comma};
};

const braces = (cursor: Cursor): Raw => {
  if (accept(cursor, '}')) return new Map();
  const entries = new Map<Raw, Raw>();
  const members: Raw[] = [];
  do {
    if (accept(cursor, '}')) return members.length > 0 ? members : entries;
    const key = value(cursor);
    if (members.length === 0 && accept(cursor, ':')) entries.set(key, value(cursor));
    else if (entries.size === 0) members.push(key);
    else throw new NotLiteral();
  } while (accept(cursor, ','));
  if (!accept(cursor, '}')) throw new NotLiteral();
  return members.length > 0 ? members : entries;
};

const collection = (cursor: Cursor): {found: Raw} | undefined => {
  if (accept(cursor, '[')) return {found: items(cursor, ']').values};
  if (accept(cursor, '{')) return {found: braces(cursor)};
  if (!accept(cursor, '(')) return undefined;
  const {values, comma} = items(cursor, ')');
  return {found: values.length === 1 && !comma ? values[0] : values};
};

const value = (cursor: Cursor): Raw => {
  if (++cursor.nested > MOST_NESTED) throw new NotLiteral();
  take(cursor, BLANK);
  const name = take(cursor, NAME);
  if (name !== undefined && take(cursor, WORD_ENDS) === undefined) throw new NotLiteral();
  const found = name === undefined ? (text(cursor) ?? signed(cursor)) : NAMES[name];
  const result = found === undefined ? collection(cursor) : {found};
  if (result === undefined) throw new NotLiteral();
  cursor.nested--;
  return result.found;
};

const atEnd = (cursor: Cursor): boolean => {
  take(cursor, BLANK);
  return cursor.at === cursor.source.length;
};

/** A comma makes a tuple also without parentheses: `80,443`. */
const topLevel = (cursor: Cursor): Raw => {
  const first = value(cursor);
  if (!accept(cursor, ',')) return first;
  const values = [first];
  while (!atEnd(cursor)) {
    values.push(value(cursor));
    if (!accept(cursor, ',')) break;
  }
  return values;
};

/**
 * An INI value as Ansible types it, by Python's `ast.literal_eval`: `22` is a number, `80,443` a list, `True` a boolean,
 * `'x'` the text between the quotes, `1 # why` the number 1. What is no literal is the text itself, comment and all.
 * Complex numbers and `...`, which JSON cannot hold, stay text.
 */
export const literalOrText = (source: string): Raw => {
  if (!PROMISING.test(source)) return source;
  const cursor: Cursor = {source, at: 0, nested: 0};
  try {
    const found = topLevel(cursor);
    return atEnd(cursor) ? found : source;
  } catch (error) {
    if (error instanceof NotLiteral) return source;
    throw error;
  }
};
