import {allOf, parseExpression, YES, type Expression} from './expression.ts';

export type SymbolType = 'bool' | 'tristate' | 'string' | 'int' | 'hex' | 'unknown';

/** One definition of a symbol: a file may add to what another began. */
export type Definition = {
  /** `drivers/net/Kconfig:12`. */
  at: string;
  /** What it asks a person, and when it is asked at all; absent where nobody is asked. */
  prompt?: {text: string; when: Expression};
  /** All that holds of it: its own dependencies, and those of menus, blocks and choices around it. */
  depends: Expression;
};

export type KernelSymbol = {
  name: string;
  type: SymbolType;
  definitions: readonly Definition[];
  /** What it is by itself, in this order: the first whose condition holds. */
  defaults: readonly {value: Expression; when: Expression}[];
  /** Symbols that turn it on, and when they do. */
  selectedBy: readonly {name: string; when: Expression}[];
  /** The choice that it is one of, by the place where that begins. */
  choice?: string;
};

/** All symbols of a kernel's tree, by their names without `CONFIG_`. */
export type Symbols = ReadonlyMap<string, KernelSymbol>;

type Draft = {
  name: string;
  type: SymbolType;
  definitions: Definition[];
  defaults: {value: Expression; when: Expression}[];
  selectedBy: {name: string; when: Expression}[];
  choice?: string;
};

type Frame = {kind: 'if' | 'menu' | 'choice' | 'file'; depends: Expression[]; visible: Expression[]; at: string};

type Entry = {draft: Draft; at: string; depends: Expression[]; prompt?: {text: string; when: Expression[]}};

type Reading = {
  /** Text of a file of the tree; undefined where there is none. */
  read: (path: string) => string | undefined;
  /** What `$(SRCARCH)` and the like stand for. */
  variables: Readonly<Record<string, string>>;
  drafts: Map<string, Draft>;
  frames: Frame[];
  entry: Entry | undefined;
  /** Attributes of the menu or choice that was opened last go to it. */
  open: Frame | undefined;
};

const WITH_PROMPT = /^(bool|tristate|string|int|hex)(?:\s+(.*))?$/;
const TYPES: Readonly<Record<string, SymbolType>> = {
  bool: 'bool',
  tristate: 'tristate',
  string: 'string',
  int: 'int',
  hex: 'hex',
  def_bool: 'bool',
  def_tristate: 'tristate',
};

/** `"What?" if CONDITION`. */
const promptOf = (text: string): {text: string; when: Expression[]} | undefined => {
  const [, quoted, condition] = /^("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*(?:if\s+(.*))?$/.exec(text.trim()) ?? [];
  if (quoted === undefined) return undefined;
  return {text: quoted.slice(1, -1), when: condition === undefined ? [] : [parseExpression(condition)]};
};

const draftOf = (reading: Reading, name: string): Draft => {
  const found = reading.drafts.get(name) ?? {name, type: 'unknown', definitions: [], defaults: [], selectedBy: []};
  reading.drafts.set(name, found);
  return found;
};

const closeEntry = (reading: Reading): void => {
  const {entry, frames} = reading;
  reading.entry = undefined;
  if (!entry) return;
  const around = frames.flatMap(({depends}) => depends);
  const visible = frames.flatMap((frame) => frame.visible);
  const depends = allOf([...around, ...entry.depends]);
  const prompt = entry.prompt && {
    text: entry.prompt.text,
    when: allOf([...around, ...visible, ...entry.depends, ...entry.prompt.when]),
  };
  entry.draft.definitions.push({at: entry.at, depends, ...(prompt ? {prompt} : {})});
};

const openEntry = (reading: Reading, name: string, at: string): void => {
  closeEntry(reading);
  const draft = draftOf(reading, name);
  const choice = reading.frames.findLast(({kind}) => kind === 'choice');
  if (choice) draft.choice ??= choice.at;
  reading.open = undefined;
  reading.entry = {draft, at, depends: []};
};

const openFrame = (reading: Reading, kind: Frame['kind'], at: string, depends: Expression[] = []): void => {
  closeEntry(reading);
  const frame: Frame = {kind, depends, visible: [], at};
  reading.frames.push(frame);
  reading.open = kind === 'menu' || kind === 'choice' ? frame : undefined;
};

const closeFrame = (reading: Reading): void => {
  closeEntry(reading);
  reading.frames.pop();
  reading.open = undefined;
};

const condition = (text: string): {subject: string; when: Expression} => {
  const [, subject = '', rest] = /^(\S+)(?:\s+if\s+(.*))?$/.exec(text.trim()) ?? [];
  return {subject, when: rest === undefined ? YES : parseExpression(rest)};
};

const select = (reading: Reading, entry: Entry, text: string): void => {
  const {subject, when} = condition(text);
  draftOf(reading, subject).selectedBy.push({name: entry.draft.name, when});
};

/** `VALUE if CONDITION`, where the value may be an expression. */
const addDefault = ({draft}: Entry, text: string): void => {
  const [, value = '', rest] = /^(.*?)(?:\s+if\s+(.*))?$/.exec(text) ?? [];
  draft.defaults.push({value: parseExpression(value), when: rest === undefined ? YES : parseExpression(rest)});
};

/** A line that belongs to the entry, menu or choice before it; false where it is none. */
const attribute = (reading: Reading, line: string): boolean => {
  const {entry, open} = reading;
  const [, depends] = /^depends\s+on\s+(.*)$/.exec(line) ?? [];
  if (depends !== undefined) {
    (entry ?? open)?.depends.push(parseExpression(depends));
    return true;
  }
  const [, visible] = /^visible\s+if\s+(.*)$/.exec(line) ?? [];
  if (visible !== undefined) {
    open?.visible.push(parseExpression(visible));
    return true;
  }
  const [, selected] = /^select\s+(.*)$/.exec(line) ?? [];
  if (selected !== undefined) {
    if (entry) select(reading, entry, selected);
    return true;
  }
  const [, value] = /^(?:default|def_bool|def_tristate)\s+(.*)$/.exec(line) ?? [];
  if (entry && value !== undefined) addDefault(entry, value);
  const [, asked] = /^prompt\s+(.*)$/.exec(line) ?? [];
  const [, type, prompt] = WITH_PROMPT.exec(line) ?? [];
  const [, defined] = /^(def_bool|def_tristate)\b/.exec(line) ?? [];
  if (entry) entry.draft.type = TYPES[defined ?? type ?? ''] ?? entry.draft.type;
  const found = promptOf(asked ?? prompt ?? '');
  if (entry && found) entry.prompt = found;
  // A choice whose prompt has a condition asks for none of its symbols while that does not hold.
  else if (open && found) open.visible.push(...found.when);
  return asked !== undefined || type !== undefined || defined !== undefined;
};

/** Lines with their numbers: continued ones joined, comments and help texts left out. */
const linesOf = (text: string): readonly {line: string; number: number}[] => {
  const lines: {line: string; number: number}[] = [];
  let help: number | undefined;
  let pending = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const indent = raw.replaceAll('\t', '        ').search(/\S/);
    if (help !== undefined) {
      if (indent < 0 || (help < 0 ? indent > 0 : indent >= help)) {
        if (help < 0 && indent > 0) help = indent;
        continue;
      }
      help = undefined;
    }
    const line = `${pending}${raw.trim()}`;
    if (line.endsWith('\\')) {
      pending = `${line.slice(0, -1)} `;
      continue;
    }
    pending = '';
    if (/^(?:help|---help---)$/.test(line)) help = -1;
    else if (line !== '' && !line.startsWith('#'))
      lines.push({line: line.replace(/\s+#(?!.*["']).*$/, ''), number: index + 1});
  }
  return lines;
};

const SOURCE = /^(o?r?source)\s+["']?([^"']+)["']?$/;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

const keyword = (reading: Reading, line: string, at: string, path: string): void => {
  const [, name] = /^(?:menu)?config\s+(\w+)$/.exec(line) ?? [];
  const [, tested] = /^if\s+(.*)$/.exec(line) ?? [];
  const [, how = '', source] = SOURCE.exec(line) ?? [];
  if (name !== undefined) openEntry(reading, name, at);
  else if (tested !== undefined) openFrame(reading, 'if', at, [parseExpression(tested)]);
  else if (/^menu\s/.test(line)) openFrame(reading, 'menu', at);
  else if (/^choice\b/.test(line)) openFrame(reading, 'choice', at);
  else if (/^(?:endif|endmenu|endchoice)\b/.test(line)) closeFrame(reading);
  else if (/^(?:comment|mainmenu)\b/.test(line)) {
    closeEntry(reading);
    reading.open = undefined;
  } else if (source !== undefined) {
    closeEntry(reading);
    reading.open = undefined;
    const named = source.replaceAll(
      /\$\(?(\w+)\)?/g,
      (whole, variable: string) => reading.variables[variable] ?? whole,
    );
    readFile(reading, how.includes('r') && how !== 'source' && how !== 'osource' ? `${folderOf(path)}${named}` : named);
  } else attribute(reading, line);
};

const readFile = (reading: Reading, path: string): void => {
  const text = reading.read(path);
  if (text === undefined) return;
  for (const {line, number} of linesOf(text)) keyword(reading, line, `${path}:${String(number)}`, path);
  closeEntry(reading);
};

/**
 * Reads a kernel's symbols, from the file `Kconfig` of its tree on. Ranges and implications are left aside: what a
 * configuration came to hold tells them.
 */
export const readSymbols = (
  read: (path: string) => string | undefined,
  variables: Readonly<Record<string, string>>,
): Symbols => {
  const reading: Reading = {read, variables, drafts: new Map(), frames: [], entry: undefined, open: undefined};
  readFile(reading, 'Kconfig');
  return reading.drafts;
};
