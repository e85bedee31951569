import {inventoryFault} from './complaints.ts';
import {findHost, type Host, type Inventory} from './inventory.ts';
import {listedValue} from './values.ts';

/** Ansible's magic variables: also where an inventory sets one, it is not listed. */
const MAGIC: ReadonlySet<string> = new Set([
  'ansible_diff_mode',
  'ansible_config_file',
  'ansible_facts',
  'ansible_forks',
  'ansible_inventory_sources',
  'ansible_limit',
  'ansible_playbook_python',
  'ansible_run_tags',
  'ansible_skip_tags',
  'ansible_verbosity',
  'ansible_version',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'groups',
  'group_names',
  'omit',
  'playbook_dir',
]);

const listedVariables = (host: Host): Record<string, unknown> =>
  Object.fromEntries(
    [...host.definitions].filter(([name]) => !MAGIC.has(name)).map(([name, {raw}]) => [name, listedValue(raw)]),
  );

type ListedGroup = {hosts?: readonly string[]; children?: readonly string[]};

const listedGroup = (inventory: Inventory, name: string): ListedGroup => {
  const group = inventory.groups.get(name);
  return {
    ...(name !== 'all' && group !== undefined && group.hosts.length > 0 ? {hosts: group.hosts} : {}),
    ...(group !== undefined && group.children.length > 0 ? {children: group.children} : {}),
  };
};

/** What `ansible-inventory --list` says: the groups that hold anything, and each host's variables below `_meta`. */
export const listInventory = (inventory: Inventory): Readonly<Record<string, unknown>> => {
  const groups = [...inventory.groups.keys()]
    .map((name) => [name, listedGroup(inventory, name)] as const)
    .filter(([, group]) => group.hosts !== undefined || group.children !== undefined);
  const hosts = [...inventory.hosts.values()]
    .map((host) => [host.name, listedVariables(host)] as const)
    .filter(([, variables]) => Object.keys(variables).length > 0);
  return {...Object.fromEntries(groups), _meta: {hostvars: Object.fromEntries(hosts)}};
};

/** What `ansible-inventory --host` says of one host. Throws a `Fault` when there is no such host. */
export const hostVariables = (inventory: Inventory, name: string): Readonly<Record<string, unknown>> => {
  const host = findHost(inventory, name);
  if (host === undefined) throw inventoryFault('inventory-host', `there is no host ${name} in the inventory`);
  return listedVariables(host);
};

const branch = (depth: number, text: string): string => (depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);

const graphGroup = (inventory: Inventory, name: string, depth: number): string[] => {
  const group = inventory.groups.get(name);
  if (group === undefined) return [];
  return [
    branch(depth, `@${name}:`),
    ...group.children.flatMap((child) => graphGroup(inventory, child, depth + 1)),
    ...(name === 'all' ? [] : group.hosts.map((host) => branch(depth + 1, host))),
  ];
};

/** The tree that `ansible-inventory --graph` draws, from `all` or another group. Throws a `Fault` for an unknown one. */
export const graphInventory = (inventory: Inventory, top = 'all'): string => {
  if (inventory.groups.has(top)) return graphGroup(inventory, top, 0).join('\n');
  throw inventoryFault('inventory-group', `there is no group ${top} in the inventory`);
};

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** JSON that steers no terminal: C1 controls and the marks that turn text around are escaped as well. */
const jsonText = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replaceAll(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * A listing as JSON text in `ansible-inventory`'s form: sorted keys, four blanks a level, and whole numbers of any size,
 * which `JSON.stringify` refuses.
 */
export const formatListing = (value: unknown, indent = ''): string => {
  const inner = `${indent}    `;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return jsonText(value);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item: unknown) => formatListing(item, inner))
    : Object.entries(value)
        .toSorted(byKey)
        .map(([key, item]) => `${jsonText(key)}: ${formatListing(item, inner)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  return parts.length === 0 ? open + close : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
};
