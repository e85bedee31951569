import {type Raw, UnsafeText, VaultedText} from './values.ts';
import {type Decrypt, readYaml, type YamlText} from './yaml-text.ts';

/** JSON's `__ansible_vault` and `__ansible_unsafe` objects are tagged values. */
const tagged = (object: object, path: string, decrypt: Decrypt): Raw => {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (key === '__ansible_vault' && typeof value === 'string')
      return new VaultedText(value, () => decrypt(value, path));
    if (key === '__ansible_unsafe' && typeof value === 'string') return new UnsafeText(value);
  }
  return undefined;
};

const toRaw = (value: unknown, path: string, decrypt: Decrypt): Raw => {
  if (Array.isArray(value)) return value.map((item: unknown) => toRaw(item, path, decrypt));
  if (typeof value !== 'object' || value === null) return value;
  const marked = tagged(value, path, decrypt);
  if (marked !== undefined) return marked;
  return new Map(Object.entries(value).map(([key, item]: [string, unknown]) => [key, toRaw(item, path, decrypt)]));
};

/** Parses JSON; undefined when the text is none. */
export const readJson = (text: string, path: string, decrypt: Decrypt): {value: Raw} | undefined => {
  try {
    return {value: toRaw(JSON.parse(text), path, decrypt)};
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** A file's value as JSON where it is that, else as YAML, in Ansible's order: `1e5` is a number in the one only. */
export const readJsonOrYaml = (text: string, path: string, decrypt: Decrypt): YamlText => {
  const json = /^\s*[[{"]/.test(text) ? readJson(text, path, decrypt) : undefined;
  return json === undefined ? readYaml(text, path, decrypt) : {value: json.value, lineOf: () => undefined};
};
