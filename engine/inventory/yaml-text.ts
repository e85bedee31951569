import {LineCounter, parseDocument, type YAMLError} from 'yaml';
import type {Fault} from '../model/fault.ts';
import {inventoryFault, throwFaults} from './complaints.ts';
import type {Raw} from './values.ts';
import {build, type Building, type Decrypt} from './yaml-build.ts';

/** A YAML or JSON text: its value, and on which line a key of one of its mappings stands. */
export type YamlText = {
  value: Raw;
  lineOf(mapping: object, key: unknown): number | undefined;
};

// What PyYAML refuses to read: control characters would end up in names and on terminals.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

const checkCharacters = (text: string, path: string): void => {
  const index = text.search(CONTROL);
  if (index < 0) return;
  const line = text.slice(0, index).split('\n').length;
  const code = (text.codePointAt(index) ?? 0).toString(16).padStart(4, '0');
  throw inventoryFault('inventory-syntax', `control character U+${code} in the text`, `${path}:${String(line)}`);
};

const syntaxFault = (error: YAMLError, path: string, lines: LineCounter): Fault => {
  const reason = error.message.replace(/[.;:]?\s*(?:; please use.*)?$/, '');
  const language = path.endsWith('.json') ? 'JSON' : 'YAML';
  const message = `not valid ${language}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
  return inventoryFault('inventory-syntax', message, `${path}:${String(lines.linePos(error.pos[0]).line)}`);
};

// Only the syntax is left to the parser, which knows YAML 1.2 types; `yaml-scalars.ts` knows PyYAML's.
const OPTIONS = {
  schema: 'failsafe',
  version: '1.1',
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

/** Reads one YAML document as Ansible does. Throws a `Fault` with file and line, or `Faults` with all of them. */
export const readYaml = (text: string, path: string, decrypt: Decrypt): YamlText => {
  checkCharacters(text, path);
  const lines = new LineCounter();
  const document = parseDocument(text, {...OPTIONS, lineCounter: lines});
  const [error] = document.errors;
  if (error !== undefined) throw syntaxFault(error, path, lines);
  const building: Building = {
    text,
    path,
    lines,
    decrypt,
    faults: [],
    anchors: new Map(),
    built: new Map(),
    unfinished: new Set(),
    weight: 0,
    weights: new Map(),
    keyLines: new WeakMap(),
  };
  const value = build(building, document.contents);
  throwFaults(building.faults);
  return {value, lineOf: (mapping, key) => building.keyLines.get(mapping)?.get(key)};
};
