import type {Facts} from '../facts/facts.ts';
import {inventoryFault} from './complaints.ts';
import {type FactTest, factSelector} from './fact-selectors.ts';
import {globExpression} from './glob.ts';
import {findHost, hostsOfGroup, type Inventory, isLocalhost} from './inventory.ts';
import {splitPatterns} from './pattern-words.ts';

/** What `--limit` and host patterns leave of an inventory. */
export type Selection = {
  /** Hosts that are selected, or may be once their facts are known; in Ansible's order. */
  hosts: readonly string[];
  /** Patterns that match no host and no group. */
  unmatched: readonly string[];
  /** Whether `matches` depends on facts at all. */
  needsFacts: boolean;
  /** Whether a host of `hosts` is selected indeed, now that its facts are known. */
  matches: (host: string, facts: Facts) => boolean;
};

/** One item of a pattern: hosts by name or group, or a test of facts. */
type Item = {hosts: ReadonlySet<string>; test?: undefined} | {test: FactTest};

const regularExpression = (pattern: string): RegExp => {
  const source = pattern.slice(1);
  const flags = /^\(\?([ims]+)\)/.exec(source)?.[1] ?? '';
  // What Python writes otherwise than JavaScript.
  const translated = source
    .replace(/^\(\?[ims]+\)/, '')
    .replaceAll('(?P<', '(?<')
    .replaceAll(String.raw`\A`, '^')
    .replaceAll(String.raw`\Z`, '$');
  try {
    return new RegExp(translated, `y${flags}`);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw inventoryFault('inventory-pattern', `${pattern} is not a valid regular expression`);
  }
};

const matchNames = (names: Iterable<string>, pattern: string): readonly string[] => {
  const expression = pattern.startsWith('~') ? regularExpression(pattern) : globExpression(pattern);
  return [...names].filter((name) => {
    expression.lastIndex = 0;
    return expression.test(name);
  });
};

type Matches = {hosts: readonly string[]; found: boolean};

/** Groups whose name matches stand for their hosts; hosts are looked at when no group matches or the pattern is a wide one. */
const enumerate = (inventory: Inventory, pattern: string): Matches => {
  const groups = matchNames(inventory.groups.keys(), pattern);
  const hosts = groups.flatMap((group) => hostsOfGroup(inventory, group));
  const isWide = pattern.startsWith('~') || /[.?*[]/.test(pattern);
  if (groups.length === 0 || isWide) hosts.push(...matchNames(inventory.hosts.keys(), pattern));
  if (hosts.length === 0 && isLocalhost(pattern)) hosts.push(findHost(inventory, pattern)?.name ?? pattern);
  return {hosts, found: hosts.length > 0 || groups.length > 0};
};

const SUBSCRIPT = /^(?<pattern>.+)\[(?:(?<index>-?[0-9]+)|(?<start>[0-9]+)[:-](?<end>[0-9]*))\]$/s;

const one = (hosts: readonly string[], index: number, pattern: string): readonly string[] => {
  const host = hosts.at(index);
  if (host !== undefined) return [host];
  throw inventoryFault(
    'inventory-pattern',
    `${pattern} asks for more than the ${String(hosts.length)} hosts that there are`,
  );
};

/** Both ends are included; an end of 0 is, in Ansible, the same as only the start. */
const subscript = (
  hosts: readonly string[],
  pattern: string,
  groups: Record<string, string | undefined>,
): readonly string[] => {
  const {index, start = '', end} = groups;
  if (hosts.length === 0) return hosts;
  if (index !== undefined) return one(hosts, Number(index), pattern);
  if (end !== undefined && end !== '' && Number(end) === 0) return one(hosts, Number(start), pattern);
  return hosts.slice(Number(start), end === undefined || end === '' ? undefined : Number(end) + 1);
};

const matchPattern = (inventory: Inventory, pattern: string): Matches => {
  const groups = pattern.startsWith('~') ? undefined : SUBSCRIPT.exec(pattern)?.groups;
  if (groups === undefined) return enumerate(inventory, pattern);
  const {hosts, found} = enumerate(inventory, groups['pattern'] ?? '');
  return {hosts: subscript(hosts, pattern, groups), found};
};

const evaluate = (inventory: Inventory, pattern: string, unmatched: Set<string>): Item => {
  if (pattern === '') throw inventoryFault('inventory-pattern', 'a pattern of hosts is empty after its & or !');
  const test = factSelector(pattern);
  if (test !== undefined) return {test};
  const {hosts, found} = matchPattern(inventory, pattern);
  if (!found && pattern !== 'all') unmatched.add(pattern);
  return {hosts: new Set(hosts)};
};

/** A host's own name means the host, also where a group has the same one. */
const evaluateUnion = (inventory: Inventory, pattern: string, unmatched: Set<string>): Item =>
  inventory.hosts.has(pattern) ? {hosts: new Set([pattern])} : evaluate(inventory, pattern, unmatched);

/** Whether an item holds for a host: undefined where only its facts can tell. */
type Verdict = (item: Item, host: string) => boolean | undefined;

const some = (items: readonly Item[], host: string, verdict: Verdict): boolean | undefined => {
  const isOpen = items.some((item) => verdict(item, host) === undefined);
  return items.some((item) => verdict(item, host) === true) || (isOpen ? undefined : false);
};

type Items = {union: readonly Item[]; required: readonly Item[]; excluded: readonly Item[]};

/** False only when the host is out whatever its facts are. */
const isIn = ({union, required, excluded}: Items, host: string, verdict: Verdict): boolean =>
  some(union, host, verdict) !== false &&
  required.every((item) => verdict(item, host) !== false) &&
  some(excluded, host, verdict) !== true;

const isSelector = (item: Item): item is {test: FactTest} => item.test !== undefined;

/** Named hosts come first, in the order of the patterns; those that only facts can select follow as the inventory has them. */
const candidates = (inventory: Inventory, union: readonly Item[]): readonly string[] => {
  const named = union.flatMap((item) => (isSelector(item) ? [] : [...item.hosts]));
  const others = union.some(isSelector) ? inventory.hosts.keys() : [];
  return [...new Set([...named, ...others])];
};

/**
 * Applies patterns as Ansible does: first all unions, then every `&`, then every `!`; without a union, `all` is meant.
 * Several `--limit` and the lines of an `@file` are simply more patterns. Beyond Ansible an item may test facts:
 * `web,&nic=mlx5_core,!kernel=<6.1`. Throws a `Fault` for a pattern that makes no sense.
 */
export const selectHosts = (inventory: Inventory, patterns: readonly string[]): Selection => {
  const words = patterns.flatMap(splitPatterns);
  const unmatched = new Set<string>();
  const itemsOf = (sign: string): readonly Item[] =>
    words.filter((word) => word.startsWith(sign)).map((word) => evaluate(inventory, word.slice(1), unmatched));
  const plain = words.filter((word) => !/^[&!]/.test(word));
  const union = (plain.length > 0 ? plain : ['all']).map((word) => evaluateUnion(inventory, word, unmatched));
  const items = {union, required: itemsOf('&'), excluded: itemsOf('!')};
  const byName: Verdict = (item, host) => (isSelector(item) ? undefined : item.hosts.has(host));
  const hosts = candidates(inventory, union).filter((host) => isIn(items, host, byName));
  return {
    hosts,
    unmatched: [...unmatched],
    needsFacts: [...union, ...items.required, ...items.excluded].some(isSelector),
    matches: (host, facts) => isIn(items, host, (item) => (isSelector(item) ? item.test(facts) : item.hosts.has(host))),
  };
};
