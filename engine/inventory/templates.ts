import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import {inventoryFault} from './complaints.ts';
import type {Host} from './inventory.ts';
import {isIpAddress} from './address.ts';
import {keyText, type Raw, UnsafeText, VaultedText} from './values.ts';

const TEMPLATE = /\{\{|\{%|\{#/;
const LOOKUP = /\{\{-?\s*(?<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[(?:'[^']*'|"[^"]*"|\d+)\])*)\s*-?\}\}/g;
const WHOLE = new RegExp(`^\\s*${LOOKUP.source}\\s*$`);

/** Which variable of which host is being resolved, and from where; `through` are the variables on the way, for cycles. */
type Resolving = {host: Host; name: string; at: string | undefined; through: readonly string[]};

const fault = ({host, name, at}: Resolving, problem: string, hint?: string): Fault =>
  inventoryFault('inventory-template', `${name} of host ${host.name} ${problem}`, at, hint);

const shortName = (name: string): string => (isIpAddress(name) ? name : (name.split('.')[0] ?? name));

const magic = (host: Host, name: string): Raw => {
  if (name === 'inventory_hostname') return host.name;
  if (name === 'inventory_hostname_short') return shortName(host.name);
  return name === 'group_names' ? host.groups : undefined;
};

const keysOf = (path: string): readonly string[] =>
  [...path.matchAll(/\.?([A-Za-z_]\w*)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/g)].map(
    ([, name, single, double, index]) => name ?? single ?? double ?? index ?? '',
  );

const below = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return value[Number(key)];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
};

const lookUp = (resolving: Resolving, path: string): unknown => {
  const [name = '', ...keys] = keysOf(path);
  if (resolving.through.includes(name)) throw fault(resolving, `refers to itself by {{ ${path} }}`);
  const {host, through} = resolving;
  const definition = host.definitions.get(name);
  const top =
    magic(host, name) ??
    (definition === undefined ? undefined : resolveRaw({...resolving, through: [...through, name]}, definition.raw));
  const found = keys.reduce(below, top);
  if (found !== undefined) return found;
  throw fault(resolving, `refers to {{ ${path} }}, which is not set`);
};

const textOf = (resolving: Resolving, path: string): string => {
  const value = lookUp(resolving, path);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw fault(resolving, `puts {{ ${path} }}, which is no single value, into a text`);
};

const resolveText = (resolving: Resolving, text: string): unknown => {
  if (!TEMPLATE.test(text)) return text;
  const whole = WHOLE.exec(text)?.groups?.['path'];
  if (whole !== undefined) return lookUp(resolving, whole);
  if (!TEMPLATE.test(text.replaceAll(LOOKUP, ''))) {
    return text.replaceAll(LOOKUP, (_, path: string) => textOf(resolving, path));
  }
  const problem = `is the template ${printableLine(text, 120)}, and only plain {{ name }} are resolved`;
  throw fault(resolving, problem, 'write the value out, or use the output of ansible-inventory --list');
};

const reveal = (resolving: Resolving, vaulted: VaultedText): string => {
  try {
    return vaulted.reveal();
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const {name, host} = resolving;
    const message = cause.message.replace(/^the value/, `${name} of host ${host.name}`);
    throw inventoryFault('inventory-vault', message, cause.at ?? resolving.at, cause.hint);
  }
};

const resolveRaw = (resolving: Resolving, raw: Raw): unknown => {
  if (typeof raw === 'string') return resolveText(resolving, raw);
  if (raw instanceof UnsafeText) return raw.text;
  if (raw instanceof VaultedText) return reveal(resolving, raw);
  if (Array.isArray(raw)) return raw.map((item: Raw) => resolveRaw(resolving, item));
  if (!(raw instanceof Map)) return raw;
  return Object.fromEntries([...raw].map(([key, item]: [unknown, Raw]) => [keyText(key), resolveRaw(resolving, item)]));
};

/**
 * A host's variable with its templates resolved and its vaults decrypted, all the way down; undefined when it is not set.
 * Only plain lookups are known: `{{ name }}`, `{{ a.b }}`, `{{ a['b'] }}`, `{{ inventory_hostname }}`, alone or inside a
 * text. Everything else (filters, `{% if %}`), a name that is not set and a circle throw a `Fault` with file and line.
 */
export const resolveVariable = (host: Host, name: string): unknown => {
  const definition = host.definitions.get(name);
  if (definition === undefined) return undefined;
  return resolveRaw({host, name, at: definition.at, through: [name]}, definition.raw);
};

/** The host's variables whose names start with a prefix, such as `linerate_`, resolved as by `resolveVariable`. */
export const resolveVariables = (host: Host, prefix: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...host.definitions.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => [name, resolveVariable(host, name)]),
  );
