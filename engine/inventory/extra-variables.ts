import {inventoryFault, shownWord} from './complaints.ts';
import {type Definition, isMapping, keyText, type Raw, typeName} from './values.ts';
import type {Decrypt} from './yaml-build.ts';
import type {YamlText} from './yaml-text.ts';
import {readJsonOrYaml} from './json-text.ts';

/** What messages call a variable that was given on the command line. */
const COMMAND_LINE = '--extra-vars';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const unescape = (text: string): string =>
  text.replaceAll(
    /\\(?:U([\da-fA-F]{8})|u([\da-fA-F]{4})|x([\da-fA-F]{2})|([\\'"abfnrtv]))/g,
    (_, long?: string, short?: string, byte?: string, one?: string) =>
      one === undefined
        ? String.fromCodePoint(Number.parseInt(long ?? short ?? byte ?? '', 16))
        : (ESCAPES[one] ?? one),
  );

const unquote = (text: string): string =>
  text.length > 1 && /^["']/.test(text) && text.endsWith(text.charAt(0)) ? text.slice(1, -1) : text;

/** Pieces between white space, which quotes and `{{ }}` hold together; undefined when a quote is not closed. */
const pieces = (text: string): readonly string[] | undefined => {
  const found: string[] = [];
  let piece = '';
  let quote = '';
  let braces = 0;
  for (const [index, character] of text.split('').entries()) {
    if (/\s/.test(character) && quote === '' && braces === 0) {
      if (piece !== '') found.push(piece);
      piece = '';
      continue;
    }
    if (/["']/.test(character) && text[index - 1] !== '\\') {
      if (quote === character) quote = '';
      else if (quote === '') quote = character;
    }
    piece += character;
    if (piece.endsWith('{{')) braces++;
    if (piece.endsWith('}}') && braces > 0) braces--;
  }
  if (piece !== '') found.push(piece);
  return quote === '' && braces === 0 ? found : undefined;
};

const readPair = (piece: string, whole: string): [string, Definition] => {
  const text = unescape(piece);
  const equals = text.search(/(?<=.)(?<!\\)=/s);
  if (equals < 0)
    throw inventoryFault('inventory-variable', `expected key=value, got ${shownWord(whole, piece)}`, COMMAND_LINE);
  return [text.slice(0, equals).trim(), {raw: unquote(text.slice(equals + 1).trim()), at: COMMAND_LINE}];
};

/** The variables of a mapping that was read from a text, each with its line. Throws a `Fault` for anything else. */
export const variablesOf = (yaml: YamlText, path: string): ReadonlyMap<string, Definition> => {
  const {value}: {value: Raw} = yaml;
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return new Map();
  if (!isMapping(value)) {
    throw inventoryFault('inventory-type', `variables must be a mapping and are ${typeName(value)}`, path);
  }
  return new Map(
    [...value].map(([key, raw]) => {
      const line = yaml.lineOf(value, key);
      return [keyText(key), {raw, at: line === undefined ? path : `${path}:${String(line)}`}];
    }),
  );
};

/** Reads one `-e` text that is not a file: `key=value key2="two words"`, JSON or YAML. Throws a `Fault`. */
export const readExtraVariables = (text: string, decrypt: Decrypt): ReadonlyMap<string, Definition> => {
  if (/^[[{]/.test(text)) return variablesOf(readJsonOrYaml(text, COMMAND_LINE, decrypt), COMMAND_LINE);
  if (/^[/.]/.test(text)) {
    throw inventoryFault('inventory-variable', `${text} looks like a file`, COMMAND_LINE, `write @${text}`);
  }
  const found = pieces(text);
  if (found !== undefined) return new Map(found.map((piece) => readPair(piece, text)));
  throw inventoryFault('inventory-variable', 'quotes or braces are not closed', COMMAND_LINE);
};
