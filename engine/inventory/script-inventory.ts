import {blame} from './complaints.ts';
import {addChild, addGroup, addHost, type Draft, setVariable} from './draft.ts';
import {isMapping, keyText, type Raw, typeName} from './values.ts';

type Mapping = ReadonlyMap<unknown, Raw>;

/** What a script's `--list` said of its hosts. */
export type ScriptHosts = {
  hosts: ReadonlySet<string>;
  /** `_meta.hostvars`; undefined when the script has none and is to be asked for each host. */
  hostVariables: Raw;
};

const readMembers = (draft: Draft, group: string, raw: Raw, path: string): readonly string[] => {
  if (Array.isArray(raw) && raw.every((host): host is string => typeof host === 'string' && host !== '')) {
    for (const host of raw) addHost(draft, host, group, {source: path, at: path});
    return raw;
  }
  const found = Array.isArray(raw) ? 'a list with something else in it' : typeName(raw);
  blame(
    draft.complaints,
    'inventory-type',
    `the hosts of group ${group} must be a list of texts and are ${found}`,
    path,
  );
  return [];
};

const readVariables = (draft: Draft, group: string, raw: Raw, path: string): void => {
  if (isMapping(raw)) for (const [key, value] of raw) setVariable(draft, group, key, {raw: value, at: path});
  else {
    const message = `the vars of group ${group} must be an object and are ${typeName(raw)}`;
    blame(draft.complaints, 'inventory-type', message, path);
  }
};

const readChildren = (draft: Draft, group: string, raw: Raw, path: string): void => {
  if (Array.isArray(raw) && raw.every((child): child is string => typeof child === 'string' && child !== '')) {
    for (const child of raw) {
      addGroup(draft, child, path);
      addChild(draft, group, child, path);
    }
  } else {
    const message = `the children of group ${group} must be a list of texts and are ${typeName(raw)}`;
    blame(draft.complaints, 'inventory-type', message, path);
  }
};

/** A list is the group's hosts; an object without any of the three keys is a host's variables, as scripts once did. */
const sectionsOf = (group: string, raw: Raw): Mapping => {
  if (!isMapping(raw)) return new Map([['hosts', raw]]);
  if (['hosts', 'vars', 'children'].some((key) => raw.has(key))) return raw;
  return new Map<string, Raw>([
    ['hosts', [group]],
    ['vars', raw],
  ]);
};

const readGroup = (draft: Draft, group: string, raw: Raw, path: string): readonly string[] => {
  addGroup(draft, group, path);
  const sections = sectionsOf(group, raw);
  const hosts = sections.has('hosts') ? readMembers(draft, group, sections.get('hosts'), path) : [];
  if (sections.has('vars')) readVariables(draft, group, sections.get('vars'), path);
  if (sections.has('children')) readChildren(draft, group, sections.get('children'), path);
  return hosts;
};

/** Reads what a script printed for `--list` into the draft, but for the variables of its hosts. */
export const readScriptList = (draft: Draft, list: Raw, path: string): ScriptHosts => {
  const hosts = new Set<string>();
  if (!isMapping(list)) {
    blame(draft.complaints, 'inventory-type', `the script must print an object of groups, not ${typeName(list)}`, path);
    return {hosts, hostVariables: new Map()};
  }
  for (const [name, raw] of list) {
    if (name === '') blame(draft.complaints, 'inventory-type', 'the name of a group is empty', path);
    else if (name !== '_meta') for (const host of readGroup(draft, keyText(name), raw, path)) hosts.add(host);
  }
  const meta = list.get('_meta');
  return {hosts, hostVariables: isMapping(meta) ? meta.get('hostvars') : undefined};
};

/** Sets what the script said of one host. */
export const readScriptHost = (draft: Draft, host: string, raw: Raw, path: string): void => {
  if (isMapping(raw)) for (const [key, value] of raw) setVariable(draft, host, key, {raw: value, at: path});
  else {
    const message = `the variables of host ${host} must be an object and are ${typeName(raw)}`;
    blame(draft.complaints, 'inventory-type', message, path);
  }
};

/** Sets the variables of all hosts out of `_meta.hostvars`. */
export const readScriptHosts = (draft: Draft, {hosts, hostVariables}: ScriptHosts, path: string): void => {
  if (!isMapping(hostVariables)) {
    blame(
      draft.complaints,
      'inventory-type',
      `_meta.hostvars must be an object and is ${typeName(hostVariables)}`,
      path,
    );
    return;
  }
  for (const host of hosts) {
    if (hostVariables.has(host)) readScriptHost(draft, host, hostVariables.get(host), path);
  }
};
