import type {Warning} from './complaints.ts';
import type {Definitions} from './values.ts';

/** A group as the sources describe it. */
export type Group = {
  name: string;
  /** Its own hosts, without those of its children, in the order of the sources. */
  hosts: readonly string[];
  children: readonly string[];
  parents: readonly string[];
  /** The longest way down from `all`. */
  depth: number;
  priority: number;
};

/** A host with all that the sources say of it. */
export type Host = {
  name: string;
  /** Every group it is in, by name, without `all`. */
  groups: readonly string[];
  /** Merged by Ansible's precedence: plain values, in which vaulted ones are `Secret`s. Templates are not resolved. */
  variables: Readonly<Record<string, unknown>>;
  /** The same with their tags, and where the value that won was set: `definitions.get('linerate_workload')?.at`. */
  definitions: Definitions;
  /** The source that named it first: a path, or a host list. Absent for the implicit localhost. */
  source?: string;
};

/** What all sources together say. */
export type Inventory = {
  /** In the order in which they were first named; `all` and `ungrouped` lead. */
  groups: ReadonlyMap<string, Group>;
  /** In the order in which they were first named. */
  hosts: ReadonlyMap<string, Host>;
  warnings: readonly Warning[];
};

const withDescendants = (inventory: Inventory, group: string): ReadonlySet<string> => {
  const names = new Set([group]);
  for (const name of names) for (const child of inventory.groups.get(name)?.children ?? []) names.add(child);
  return names;
};

/** All hosts of a group: its own first, then its children's, level by level. */
export const hostsOfGroup = (inventory: Inventory, group: string): readonly string[] => {
  const hosts = [...withDescendants(inventory, group)].flatMap((name) => inventory.groups.get(name)?.hosts ?? []);
  return [...new Set(hosts)];
};

const LOCALHOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** Whether a name stands for this machine also where no inventory names it. */
export const isLocalhost = (name: string): boolean => LOCALHOSTS.has(name);

/**
 * The host of that name; for a name of localhost that the inventory does not have, the one of them that it does have, or
 * else this machine over the local connection, as in Ansible. Undefined when there is no such host.
 */
export const findHost = (inventory: Inventory, name: string): Host | undefined => {
  const host = inventory.hosts.get(name);
  if (host !== undefined || !isLocalhost(name)) return host;
  const other = [...inventory.hosts.keys()].find(isLocalhost);
  if (other !== undefined) return inventory.hosts.get(other);
  return {
    name,
    groups: [],
    variables: {ansible_connection: 'local'},
    definitions: new Map([['ansible_connection', {raw: 'local'}]]),
  };
};
