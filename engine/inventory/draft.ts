import {printable} from '../model/printable.ts';
import {blame, type Complaints} from './complaints.ts';
import type {Decrypt} from './yaml-build.ts';
import {type Definition, keyText, type Raw, typeName} from './values.ts';

export type DraftGroup = {
  name: string;
  hosts: Set<string>;
  children: Set<string>;
  parents: Set<string>;
  definitions: Map<string, Definition>;
  /** `ansible_group_priority`: of groups of the same depth the higher one wins. */
  priority: number;
};

export type DraftHost = {name: string; definitions: Map<string, Definition>; source: string};

/** An inventory while its sources are being read, one after the other, into the same groups and hosts. */
export type Draft = {
  groups: Map<string, DraftGroup>;
  hosts: Map<string, DraftHost>;
  complaints: Complaints;
  /** Decrypts a vaulted value; throws a `Fault` whose message starts with `the value`. */
  decrypt: Decrypt;
};

/** Names are printed all over the place: one that could steer a terminal is refused at the door. */
const checkName = (draft: Draft, kind: 'group' | 'host', name: string, at: string | undefined): void => {
  if (printable(name) === name && !/[\t\n]/.test(name)) return;
  const code = kind === 'group' ? 'inventory-group' : 'inventory-host';
  blame(draft.complaints, code, `the name of the ${kind} ${JSON.stringify(name)} holds a control character`, at);
};

/** Adds the group unless it is there. */
export const addGroup = (draft: Draft, name: string, at?: string): DraftGroup => {
  const known = draft.groups.get(name);
  if (known !== undefined) return known;
  checkName(draft, 'group', name, at);
  const group = {
    name,
    hosts: new Set<string>(),
    children: new Set<string>(),
    parents: new Set<string>(),
    definitions: new Map<string, Definition>(),
    priority: 1,
  };
  draft.groups.set(name, group);
  return group;
};

/** An inventory with nothing in it but the two groups that every one has. */
export const newDraft = (complaints: Complaints, decrypt: Decrypt): Draft => {
  const draft: Draft = {groups: new Map(), hosts: new Map(), complaints, decrypt};
  addGroup(draft, 'all').children.add('ungrouped');
  addGroup(draft, 'ungrouped').parents.add('all');
  return draft;
};

const isAncestor = (draft: Draft, candidate: string, of: string): boolean => {
  const seen = new Set([of]);
  for (const name of seen) {
    if (name === candidate) return true;
    for (const parent of draft.groups.get(name)?.parents ?? []) seen.add(parent);
  }
  return false;
};

/** Puts a group below another; a cycle is a fault, and leaves things as they were. */
export const addChild = (draft: Draft, parent: string, child: string, at?: string): void => {
  if (parent === child) {
    blame(draft.complaints, 'inventory-cycle', `group ${child} cannot be a child of itself`, at);
    return;
  }
  if (child === 'all') {
    blame(draft.complaints, 'inventory-cycle', `all cannot be a child of ${parent}: every group is below all`, at);
    return;
  }
  if (isAncestor(draft, child, parent)) {
    const message = `group ${child} cannot be a child of ${parent}, which is itself below ${child}`;
    blame(draft.complaints, 'inventory-cycle', message, at);
    return;
  }
  addGroup(draft, parent).children.add(child);
  addGroup(draft, child).parents.add(parent);
};

/** Where a host or a variable comes from: the source (a path) and `file:line`. */
export type Place = {source: string; at: string};

/** Adds the host unless it is there, and puts it into the group. A port counts only where the host is new. */
export const addHost = (draft: Draft, name: string, group: string, place: Place, port?: number): void => {
  if (!draft.hosts.has(name)) {
    checkName(draft, 'host', name, place.at);
    const definitions = new Map<string, Definition>();
    if (port !== undefined && port !== 0) definitions.set('ansible_port', {raw: port, at: place.at});
    draft.hosts.set(name, {name, definitions, source: place.source});
  }
  addGroup(draft, group).hosts.add(name);
};

const priorityOf = (raw: Raw): number | undefined => {
  if (typeof raw === 'number') return Math.trunc(raw);
  if (typeof raw === 'boolean') return raw ? 1 : 0;
  return typeof raw === 'string' && /^\s*[-+]?\d+\s*$/.test(raw) ? Number(raw) : undefined;
};

const setPriority = (draft: Draft, group: DraftGroup, {raw, at}: Definition): void => {
  const priority = priorityOf(raw);
  if (priority === undefined) {
    const message = `ansible_group_priority of group ${group.name} must be a whole number and is ${typeof raw === 'string' ? raw : typeName(raw)}`;
    blame(draft.complaints, 'inventory-type', message, at);
  } else group.priority = priority;
};

/** Sets a variable of a group or host. A name that is both is the group's, as in Ansible. */
export const setVariable = (draft: Draft, entity: string, key: unknown, definition: Definition): void => {
  const name = keyText(key);
  const group = draft.groups.get(entity);
  if (group !== undefined && name === 'ansible_group_priority') setPriority(draft, group, definition);
  else (group ?? draft.hosts.get(entity))?.definitions.set(name, definition);
};
