import {blame, warn} from './complaints.ts';
import {addChild, addGroup, addHost, type Draft, setVariable} from './draft.ts';
import {expandHosts} from './host-range.ts';
import {isMapping, keyText, type Raw, typeName} from './values.ts';
import type {YamlText} from './yaml-text.ts';

type Reading = {readonly draft: Draft; readonly yaml: YamlText; readonly path: string};

type Mapping = ReadonlyMap<unknown, Raw>;

const SECTIONS: ReadonlySet<unknown> = new Set(['vars', 'children', 'hosts']);

const placeOf = ({yaml, path}: Reading, mapping: Mapping, key: unknown): string => {
  const line = yaml.lineOf(mapping, key);
  return line === undefined ? path : `${path}:${String(line)}`;
};

/** The entries of a section with the place of each; a lone text stands for one key without a value. */
const entriesOf = (reading: Reading, group: Mapping, name: string, section: string): [unknown, Raw, string][] => {
  const value = group.get(section);
  const at = placeOf(reading, group, section);
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [[value, null, at]];
  if (isMapping(value)) return [...value].map(([key, item]) => [key, item, placeOf(reading, value, key)]);
  const message = `${section} of group ${name} must be a mapping and is ${typeName(value)}`;
  blame(reading.draft.complaints, 'inventory-type', message, at);
  return [];
};

const readVariables = (reading: Reading, group: Mapping, name: string): void => {
  for (const [key, raw, at] of entriesOf(reading, group, name, 'vars'))
    setVariable(reading.draft, name, key, {raw, at});
};

const readChildren = (reading: Reading, group: Mapping, name: string): void => {
  for (const [child, raw, at] of entriesOf(reading, group, name, 'children')) {
    if (readGroup(reading, child, raw, at)) addChild(reading.draft, name, keyText(child), at);
  }
};

const hostVariables = (reading: Reading, host: string, raw: Raw, at: string): [unknown, Raw, string][] => {
  if (isMapping(raw)) return [...raw].map(([key, value]) => [key, value, placeOf(reading, raw, key)]);
  // What Python takes for false stands for no variables.
  const isEmpty = raw === null || raw === '' || raw === false || raw === 0 || (Array.isArray(raw) && raw.length === 0);
  if (!isEmpty) {
    const message = `the variables of host ${host} must be a mapping and are ${typeName(raw)}`;
    blame(reading.draft.complaints, 'inventory-type', message, at);
  }
  return [];
};

const readHost = (reading: Reading, group: string, pattern: string, raw: Raw, at: string): void => {
  const {draft, path} = reading;
  const expansion = expandHosts(pattern);
  if (pattern === '') blame(draft.complaints, 'inventory-host', 'the name of the host is empty', at);
  else if ('broken' in expansion) {
    blame(draft.complaints, 'inventory-range', `the range of ${pattern} ${expansion.broken}`, at);
  } else {
    const variables = hostVariables(reading, pattern, raw, at);
    for (const host of expansion.hosts) {
      addHost(draft, host, group, {source: path, at}, expansion.port);
      for (const [key, value, place] of variables) setVariable(draft, host, key, {raw: value, at: place});
    }
  }
};

const readHosts = (reading: Reading, group: Mapping, name: string): void => {
  for (const [pattern, raw, at] of entriesOf(reading, group, name, 'hosts')) {
    if (typeof pattern === 'string') readHost(reading, name, pattern, raw, at);
    else {
      const message = `the host ${keyText(pattern)} of group ${name} must be a text and is ${typeName(pattern)}`;
      blame(reading.draft.complaints, 'inventory-type', message, at, 'put it between quotes');
    }
  }
};

const warnOfKeys = (reading: Reading, group: Mapping, name: string): void => {
  for (const key of group.keys()) {
    if (SECTIONS.has(key)) continue;
    const message = `the key ${keyText(key)} of group ${name} is skipped: only vars, children and hosts are valid`;
    warn(reading.draft.complaints, message, placeOf(reading, group, key));
  }
};

/** Reads one group and all below it; false when it is none. */
const readGroup = (reading: Reading, name: unknown, raw: Raw, at: string): boolean => {
  const {draft} = reading;
  if (typeof name !== 'string' || name === '') {
    const message = `the name of a group must be a text and is ${name === '' ? 'empty' : `${typeName(name)} (${keyText(name)})`}`;
    blame(draft.complaints, 'inventory-type', message, at, 'put it between quotes');
    return false;
  }
  if (raw !== null && !isMapping(raw)) {
    blame(draft.complaints, 'inventory-type', `group ${name} must be a mapping and is ${typeName(raw)}`, at);
    return false;
  }
  addGroup(draft, name, at);
  if (raw === null) return true;
  // In the order of the file, as later variables of the same name win.
  for (const key of raw.keys()) {
    if (key === 'vars') readVariables(reading, raw, name);
    else if (key === 'children') readChildren(reading, raw, name);
    else if (key === 'hosts') readHosts(reading, raw, name);
  }
  warnOfKeys(reading, raw, name);
  return true;
};

/** Reads a YAML (or JSON) inventory into the draft; `path` is what messages call the file. */
export const readYamlInventory = (draft: Draft, yaml: YamlText, path: string): void => {
  const reading: Reading = {draft, yaml, path};
  const {value} = yaml;
  if (value === null || value === '') return;
  if (!isMapping(value)) {
    const message = `an inventory must be a mapping of groups and is ${typeName(value)}`;
    blame(draft.complaints, 'inventory-type', message, path);
    return;
  }
  const plugin = value.get('plugin');
  if (plugin !== undefined && plugin !== null && plugin !== '') {
    const message = `this configures the inventory plugin ${typeof plugin === 'string' ? plugin : ''}`.trimEnd();
    const hint = 'save the output of: ansible-inventory -i FILE --list, and use that';
    blame(
      draft.complaints,
      'inventory-plugin',
      `${message}, and plugins are not run`,
      placeOf(reading, value, 'plugin'),
      hint,
    );
    return;
  }
  for (const [name, raw] of value) readGroup(reading, name, raw, placeOf(reading, value, name));
};
