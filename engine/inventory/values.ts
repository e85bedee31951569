import {Secret} from '../model/secret.ts';

/** A text that must never be taken for a template (`!unsafe`). */
export class UnsafeText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A vaulted value. It is decrypted when it is first revealed and not before: as with Ansible an inventory can be listed
 * without its passwords, and a thousand hosts' secrets cost nothing until one is used. `reveal` throws a `Fault`.
 */
export class VaultedText extends Secret {
  readonly ciphertext: string;
  readonly #decrypt: () => string;
  #plain: string | undefined;

  constructor(ciphertext: string, decrypt: () => string) {
    super('');
    this.ciphertext = ciphertext;
    this.#decrypt = decrypt;
  }

  override reveal(): string {
    this.#plain ??= this.#decrypt();
    return this.#plain;
  }
}

/**
 * A value as it was read: mappings are `Map`s, since an object would reorder keys such as `"10"`; `UnsafeText` and
 * `VaultedText` mark what was tagged so; whole numbers that a double cannot hold are `bigint`s.
 */
export type Raw = unknown;

/** A variable's value and where it was set: `file:line`, or the file alone where the line is not known. */
export type Definition = {raw: Raw; at?: string};
export type Definitions = ReadonlyMap<string, Definition>;

export const isMapping = (value: Raw): value is ReadonlyMap<unknown, Raw> => value instanceof Map;

/** A key as JSON writes it: `null`, `true`, `5`. */
export const keyText = (key: unknown): string => (typeof key === 'string' ? key : String(key));

const rebuild = (raw: Raw, leaf: (value: Raw) => unknown): unknown => {
  if (Array.isArray(raw)) return raw.map((item: Raw) => rebuild(item, leaf));
  // fromEntries defines properties, so that a key named __proto__ is a key like any other.
  if (isMapping(raw)) return Object.fromEntries([...raw].map(([key, value]) => [keyText(key), rebuild(value, leaf)]));
  return leaf(raw);
};

/** The value for programs: objects and arrays, plain texts; a vaulted value stays a `Secret`. */
export const plainValue = (raw: Raw): unknown =>
  rebuild(raw, (value) => (value instanceof UnsafeText ? value.text : value));

/** The value as `ansible-inventory` lists it: tagged texts keep their tags, and vaulted ones stay encrypted. */
export const listedValue = (raw: Raw): unknown =>
  rebuild(raw, (value) => {
    if (value instanceof UnsafeText) return {__ansible_unsafe: value.text};
    return value instanceof VaultedText ? {__ansible_vault: value.ciphertext} : value;
  });

/** `a list`, `a number` …: for messages about values of the wrong type. */
export const typeName = (raw: Raw): string => {
  if (raw === null || raw === undefined) return 'nothing';
  if (Array.isArray(raw)) return 'a list';
  if (isMapping(raw)) return 'a mapping';
  if (typeof raw === 'boolean') return 'a boolean';
  return typeof raw === 'number' || typeof raw === 'bigint' ? 'a number' : 'a text';
};
