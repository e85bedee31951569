import {blame, shownWord, warn} from './complaints.ts';
import {addChild, addGroup, addHost, type Draft, setVariable} from './draft.ts';
import {expandHosts} from './host-range.ts';
import {literalOrText} from './python-literal.ts';
import {splitWords} from './words.ts';

// Where Python's str.splitlines ends a line.
// eslint-disable-next-line no-control-regex
const LINE_END = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;
const SECTION = /^\[(?<group>[^:\]\s]+)(?::(?<kind>\w+))?\]\s*(?:#.*)?$/;
const GROUP_NAME = /^(?<group>[^:\]\s]+)\s*(?:#.*)?$/;

type SectionKind = 'hosts' | 'children' | 'vars';

/** A group that was named before it was declared. */
type Pending = {at: string; as: 'children' | 'vars'; parents: string[]};

type Reading = {
  readonly draft: Draft;
  readonly path: string;
  readonly pending: Map<string, Pending>;
  group: string;
  /** Undefined below a section header that is wrong: its lines are skipped, one fault is enough. */
  kind: SectionKind | undefined;
  at: string;
  listed: Set<string>;
};

const adopt = (reading: Reading, group: string, {parents}: Pending): void => {
  reading.pending.delete(group);
  for (const parent of parents) addChild(reading.draft, parent, group, reading.at);
};

const declare = (reading: Reading, group: string, kind: SectionKind): void => {
  const {draft, pending, at} = reading;
  if (!draft.groups.has(group)) {
    if (kind === 'vars' && !pending.has(group)) pending.set(group, {at, as: 'vars', parents: []});
    addGroup(draft, group, at);
  }
  const awaited = pending.get(group);
  if (awaited === undefined || kind === 'vars') return;
  adopt(reading, group, awaited);
};

const isKind = (word: string): word is SectionKind => ['hosts', 'children', 'vars'].includes(word);

const openSection = (reading: Reading, group: string, kind: string): void => {
  reading.group = group;
  reading.kind = isKind(kind) ? kind : undefined;
  reading.listed = new Set();
  if (reading.kind !== undefined) declare(reading, group, reading.kind);
  else {
    const message = `section [${group}:${kind}] has the unknown type ${kind}`;
    blame(reading.draft.complaints, 'inventory-syntax', message, reading.at, 'the types are children, vars and hosts');
  }
};

const hostVariables = (reading: Reading, words: readonly string[], line: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals >= 0) found.set(word.slice(0, equals), word.slice(equals + 1));
    else {
      const message = `expected key=value after the host, got ${shownWord(line, word)}`;
      blame(reading.draft.complaints, 'inventory-syntax', message, reading.at);
    }
  }
  return found;
};

const listHost = (reading: Reading, host: string, port: number | undefined): void => {
  const {draft, group, path, at, listed} = reading;
  if (listed.has(host)) warn(draft.complaints, `host ${host} is listed twice in the same section`, at);
  listed.add(host);
  addHost(draft, host, group, {source: path, at}, port);
};

const hostPatternMistake = (pattern: string): string | undefined => {
  if (pattern.trim() === '') return 'the name of the host is empty';
  if (pattern === '---') return '--- starts a YAML file, and this one is read as INI';
  return pattern.trim().endsWith(':') ? `host ${pattern} ends in a colon, which only a port may follow` : undefined;
};

const readHost = (reading: Reading, line: string): void => {
  const {draft, at} = reading;
  const split = splitWords(line, true);
  if ('broken' in split) {
    blame(draft.complaints, 'inventory-syntax', `${split.broken} in the line of host ${line.split(/\s/)[0] ?? ''}`, at);
    return;
  }
  const [pattern = '', ...rest] = split.words;
  const mistake = hostPatternMistake(pattern);
  const expansion = expandHosts(pattern);
  if (mistake !== undefined) blame(draft.complaints, 'inventory-host', mistake, at);
  else if ('broken' in expansion) {
    blame(draft.complaints, 'inventory-range', `the range of ${pattern} ${expansion.broken}`, at);
  } else {
    const variables = [...hostVariables(reading, rest, line)].map(([key, text]) => [key, literalOrText(text)] as const);
    for (const host of expansion.hosts) {
      listHost(reading, host, expansion.port);
      for (const [key, raw] of variables) setVariable(draft, host, key, {raw, at});
    }
  }
};

const readVariable = (reading: Reading, line: string): void => {
  const {draft, group, at} = reading;
  const equals = line.indexOf('=');
  if (equals < 0) blame(draft.complaints, 'inventory-syntax', `expected key=value, got ${shownWord(line, line)}`, at);
  else setVariable(draft, group, line.slice(0, equals).trim(), {raw: literalOrText(line.slice(equals + 1).trim()), at});
};

const readChild = (reading: Reading, line: string): void => {
  const {draft, group, pending, at} = reading;
  const child = GROUP_NAME.exec(line)?.groups?.['group'];
  if (child === undefined) blame(draft.complaints, 'inventory-syntax', `expected the name of a group, got ${line}`, at);
  else if (draft.groups.has(child)) addChild(draft, group, child, at);
  else {
    const awaited = pending.get(child) ?? {at, as: 'children', parents: []};
    pending.set(child, {...awaited, parents: [...awaited.parents, group]});
  }
};

const READERS: Readonly<Record<SectionKind, (reading: Reading, line: string) => void>> = {
  hosts: readHost,
  vars: readVariable,
  children: readChild,
};

const readLine = (reading: Reading, line: string): void => {
  if (line === '' || line.startsWith('#') || line.startsWith(';')) return;
  const section = SECTION.exec(line)?.groups;
  if (section !== undefined) openSection(reading, section['group'] ?? '', section['kind'] ?? 'hosts');
  else if (line.startsWith('[') && line.endsWith(']')) {
    reading.kind = undefined;
    blame(reading.draft.complaints, 'inventory-syntax', `${line} is not the header of a section`, reading.at);
  } else if (reading.kind !== undefined) READERS[reading.kind](reading, line);
};

const blamePending = ({draft, pending}: Reading): void => {
  for (const [group, {at, as, parents}] of pending) {
    const message =
      as === 'vars'
        ? `section [${group}:vars] is about a group that is nowhere defined`
        : `section [${parents[0] ?? ''}:children] includes the group ${group}, which is nowhere defined`;
    blame(draft.complaints, 'inventory-group', message, at);
  }
};

/** Reads an INI inventory into the draft; `path` is what messages call the file. */
export const readIni = (draft: Draft, text: string, path: string): void => {
  const reading: Reading = {
    draft,
    path,
    pending: new Map(),
    group: 'ungrouped',
    kind: 'hosts',
    at: path,
    listed: new Set(),
  };
  for (const [index, line] of text.split(LINE_END).entries()) {
    reading.at = `${path}:${String(index + 1)}`;
    readLine(reading, line.trim());
  }
  blamePending(reading);
};
