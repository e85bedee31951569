import {wholeNumber} from './python-literal.ts';
import {type Raw, UnsafeText, VaultedText} from './values.ts';
import type {Decrypt} from './yaml-build.ts';
import {readYaml, type YamlText} from './yaml-text.ts';

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|[-\d.eE+]+|true|false|null|[[\]{},:])/y;

type Reading = {
  readonly text: string;
  readonly path: string;
  readonly decrypt: Decrypt;
  readonly keyPlaces: WeakMap<object, Map<unknown, number>>;
  at: number;
};

/** The next token; the text is known to be JSON, so there always is one. */
const next = (reading: Reading): string => {
  TOKEN.lastIndex = reading.at;
  const token = TOKEN.exec(reading.text)?.[1] ?? '';
  reading.at = TOKEN.lastIndex;
  return token;
};

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** `__ansible_vault` and `__ansible_unsafe` objects are tagged values. */
const tagged = (reading: Reading, map: ReadonlyMap<unknown, Raw>, start: number): Raw => {
  for (const [key, value] of map) {
    if (typeof value !== 'string') continue;
    const at = `${reading.path}:${String(lineOf(reading.text, start))}`;
    if (key === '__ansible_vault') return new VaultedText(value, () => reading.decrypt(value, at));
    if (key === '__ansible_unsafe') return new UnsafeText(value);
  }
  return map;
};

const readObject = (reading: Reading): Raw => {
  const start = reading.at;
  const map = new Map<unknown, Raw>();
  const places = new Map<unknown, number>();
  for (let token = next(reading); token !== '}'; token = next(reading)) {
    if (token === ',') continue;
    const key: unknown = JSON.parse(token);
    places.set(key, reading.at);
    next(reading);
    map.set(key, readValue(reading, next(reading)));
  }
  reading.keyPlaces.set(map, places);
  return tagged(reading, map, start);
};

const readArray = (reading: Reading): Raw => {
  const items: Raw[] = [];
  for (let token = next(reading); token !== ']'; token = next(reading)) {
    if (token !== ',') items.push(readValue(reading, token));
  }
  return items;
};

const readValue = (reading: Reading, token: string): Raw => {
  if (token === '{') return readObject(reading);
  if (token === '[') return readArray(reading);
  return /^-?\d+$/.test(token) ? wholeNumber(token) : (JSON.parse(token) as Raw);
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

/**
 * Reads JSON; undefined when the text is none. `JSON.parse` only checks it: its objects would put a group named `10`
 * before all others, and it rounds whole numbers beyond 2^53.
 */
export const readJson = (text: string, path: string, decrypt: Decrypt): YamlText | undefined => {
  if (!isJson(text)) return undefined;
  const reading: Reading = {text, path, decrypt, keyPlaces: new WeakMap(), at: 0};
  const value = readValue(reading, next(reading));
  return {
    value,
    lineOf: (mapping, key) => {
      const offset = reading.keyPlaces.get(mapping)?.get(key);
      return offset === undefined ? undefined : lineOf(text, offset);
    },
  };
};

/** A file's value as JSON where it is that, else as YAML, in Ansible's order: `1e5` is a number in the one only. */
export const readJsonOrYaml = (text: string, path: string, decrypt: Decrypt): YamlText =>
  (/^\s*[[{"]/.test(text) ? readJson(text, path, decrypt) : undefined) ?? readYaml(text, path, decrypt);
