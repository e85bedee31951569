import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import {inventoryFault} from './complaints.ts';
import {isMapping, keyText, type Raw, UnsafeText, VaultedText} from './values.ts';
import {type ScalarType, scalarType, scalarValue} from './yaml-scalars.ts';

/** A YAML or JSON text: its value, and on which line a key of one of its mappings stands. */
export type YamlText = {
  value: Raw;
  lineOf(mapping: object, key: unknown): number | undefined;
};

export type Decrypt = (ciphertext: string, at: string) => string;

type Reading = {
  readonly text: string;
  readonly path: string;
  readonly lines: LineCounter;
  readonly decrypt: Decrypt;
  readonly anchors: Map<string, ParsedNode>;
  readonly built: Map<ParsedNode, Raw>;
  readonly building: Set<ParsedNode>;
  readonly keyLines: WeakMap<object, Map<unknown, number>>;
  /** Nodes so far, aliases counted as often as they are used: a few lines can stand for billions. */
  weight: number;
  readonly weights: Map<ParsedNode, number>;
};

const MOST_NODES = 2_000_000;
const CORE = 'tag:yaml.org,2002:';
// What PyYAML refuses to read: control characters would end up in names and on terminals.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

const lineAt = (reading: Reading, node: ParsedNode): number => reading.lines.linePos(node.range[0]).line;
const placeOf = (reading: Reading, node: ParsedNode): string => `${reading.path}:${String(lineAt(reading, node))}`;

const SCALAR_TYPES: ReadonlySet<string> = new Set(['null', 'bool', 'int', 'float', 'timestamp', 'str']);
const isScalarType = (name: string): name is ScalarType => SCALAR_TYPES.has(name);

const typed = (reading: Reading, node: Scalar.Parsed, type: ScalarType, text: string): Raw => {
  const value = scalarValue(type, text);
  if (value !== undefined) return value;
  throw inventoryFault('inventory-syntax', `${text} is not a valid ${type}`, placeOf(reading, node));
};

// A block that the end of the file cuts off before a line break has none at its end, says PyYAML.
const scalarText = ({text}: Reading, {value, type, range}: Scalar.Parsed): string => {
  const found = typeof value === 'string' ? value : '';
  const isCut = (type ?? '').startsWith('BLOCK') && range[1] >= text.length && !text.endsWith('\n');
  return isCut && found.endsWith('\n') ? found.slice(0, -1) : found;
};

const buildScalar = (reading: Reading, node: Scalar.Parsed): Raw => {
  const text = scalarText(reading, node);
  // The non-specific tag `!` changes nothing for PyYAML, whatever the specification says.
  const tag = node.tag ?? '!';
  if (tag === '!') return node.type === 'PLAIN' ? typed(reading, node, scalarType(text), text) : text;
  if (tag === '!unsafe') return new UnsafeText(text);
  if (tag === '!vault' || tag === '!vault-encrypted') {
    const at = placeOf(reading, node);
    return new VaultedText(text, () => reading.decrypt(text, at));
  }
  const name = tag.startsWith(CORE) ? tag.slice(CORE.length) : '';
  if (isScalarType(name)) return typed(reading, node, name, text);
  throw inventoryFault(
    'inventory-syntax',
    `the tag ${tag.replace(CORE, '!!')} is not supported`,
    placeOf(reading, node),
  );
};

const asUnsafe = (raw: Raw): Raw => {
  if (typeof raw === 'string') return new UnsafeText(raw);
  if (Array.isArray(raw)) return raw.map(asUnsafe);
  return raw instanceof Map ? new Map([...raw].map(([key, value]: [unknown, Raw]) => [key, asUnsafe(value)])) : raw;
};

const collectionTag = (reading: Reading, node: ParsedNode, core: string): boolean => {
  const tag = node.tag ?? '!';
  if (tag === '!' || tag === CORE + core) return false;
  if (tag === '!unsafe') return true;
  throw inventoryFault(
    'inventory-syntax',
    `the tag ${tag.replace(CORE, '!!')} is not supported`,
    placeOf(reading, node),
  );
};

const mergedEntries = (reading: Reading, node: ParsedNode | null): (readonly [unknown, Raw])[] => {
  const raw = build(reading, node);
  const maps: Raw[] = Array.isArray(raw) ? raw.toReversed() : [raw];
  return maps.flatMap((map) => {
    if (isMapping(map)) return Array.from(map);
    const at = node === null ? reading.path : placeOf(reading, node);
    throw inventoryFault('inventory-syntax', 'only mappings can be merged by <<', at);
  });
};

const buildKey = (reading: Reading, node: ParsedNode): unknown => {
  if (isScalar(node) || isAlias(node)) {
    const key = build(reading, node);
    if (!Array.isArray(key) && !(key instanceof Map)) return key instanceof UnsafeText ? key.text : key;
  }
  throw inventoryFault('inventory-syntax', 'a key must be a single value', placeOf(reading, node));
};

const isMerge = (node: ParsedNode): boolean => isScalar(node) && node.type === 'PLAIN' && node.value === '<<';

const buildMap = (reading: Reading, node: YAMLMap.Parsed): Raw => {
  const unsafe = collectionTag(reading, node, 'map');
  const lines = new Map<unknown, number>();
  const merged = node.items.filter((pair) => isMerge(pair.key)).flatMap((pair) => mergedEntries(reading, pair.value));
  const map = new Map<unknown, Raw>(merged);
  for (const pair of node.items) {
    if (isMerge(pair.key)) continue;
    const key = buildKey(reading, pair.key);
    const earlier = lines.get(key);
    if (earlier !== undefined) {
      const message = `the key ${keyText(key)} is there twice, first on line ${String(earlier)}`;
      throw inventoryFault('inventory-syntax', message, placeOf(reading, pair.key));
    }
    lines.set(key, lineAt(reading, pair.key));
    map.set(key, build(reading, pair.value));
  }
  const result = unsafe ? asUnsafe(map) : map;
  if (result instanceof Map) reading.keyLines.set(result, lines);
  return result;
};

const buildAlias = (reading: Reading, node: Alias.Parsed): Raw => {
  const target = reading.anchors.get(node.source);
  const message = `the anchor of *${node.source} is not defined`;
  if (target === undefined) throw inventoryFault('inventory-syntax', message, placeOf(reading, node));
  if (!reading.building.has(target)) {
    reading.weight += reading.weights.get(target) ?? 0;
    return build(reading, target);
  }
  throw inventoryFault('inventory-syntax', `*${node.source} contains itself`, placeOf(reading, node));
};

const buildNode = (reading: Reading, node: ParsedNode): Raw => {
  if (isAlias(node)) return buildAlias(reading, node);
  if (node.anchor !== undefined) reading.anchors.set(node.anchor, node);
  if (isMap(node)) return buildMap(reading, node);
  if (isScalar(node)) return buildScalar(reading, node);
  const unsafe = collectionTag(reading, node, 'seq');
  const items = isSeq(node) ? node.items.map((item) => build(reading, item)) : [];
  return unsafe ? asUnsafe(items) : items;
};

const build = (reading: Reading, node: ParsedNode | null): Raw => {
  if (node === null) return null;
  if (reading.built.has(node)) return reading.built.get(node);
  const before = reading.weight++;
  if (reading.weight > MOST_NODES) {
    throw inventoryFault('inventory-syntax', 'the file stands for more than two million values', reading.path);
  }
  reading.building.add(node);
  const value = buildNode(reading, node);
  reading.building.delete(node);
  if (!isAlias(node)) reading.built.set(node, value);
  reading.weights.set(node, reading.weight - before);
  return value;
};

const checkCharacters = (text: string, path: string): void => {
  const index = text.search(CONTROL);
  if (index < 0) return;
  const line = text.slice(0, index).split('\n').length;
  const code = (text.codePointAt(index) ?? 0).toString(16).padStart(4, '0');
  throw inventoryFault('inventory-syntax', `control character U+${code} in the text`, `${path}:${String(line)}`);
};

/** Reads one YAML document as Ansible does. Throws a `Fault` with file and line. */
export const readYaml = (text: string, path: string, decrypt: Decrypt): YamlText => {
  checkCharacters(text, path);
  const lines = new LineCounter();
  const options = {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  } as const;
  const document = parseDocument(text, {...options, lineCounter: lines});
  const [error] = document.errors;
  if (error !== undefined) {
    const reason = error.message.replace(/[.;:]?\s*(?:; please use.*)?$/, '');
    const lowered = reason.charAt(0).toLowerCase() + reason.slice(1);
    throw inventoryFault(
      'inventory-syntax',
      `not valid YAML: ${lowered}`,
      `${path}:${String(lines.linePos(error.pos[0]).line)}`,
    );
  }
  const reading: Reading = {
    text,
    path,
    lines,
    decrypt,
    anchors: new Map(),
    built: new Map(),
    building: new Set(),
    keyLines: new WeakMap(),
    weight: 0,
    weights: new Map(),
  };
  const value = build(reading, document.contents);
  return {value, lineOf: (mapping, key) => reading.keyLines.get(mapping)?.get(key)};
};
