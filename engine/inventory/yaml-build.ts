import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type {Fault} from '../model/fault.ts';
import {inventoryFault} from './complaints.ts';
import {isMapping, keyText, type Raw, UnsafeText, VaultedText} from './values.ts';
import {type ScalarType, scalarType, scalarValue} from './yaml-scalars.ts';

export type Decrypt = (ciphertext: string, at: string) => string;

/** A document on its way from syntax to values. */
export type Building = {
  readonly text: string;
  readonly path: string;
  readonly lines: LineCounter;
  readonly decrypt: Decrypt;
  /** What is wrong with single nodes; the building goes on, so that one look at a file finds everything. */
  readonly faults: Fault[];
  readonly anchors: Map<string, ParsedNode>;
  readonly built: Map<ParsedNode, Raw>;
  readonly unfinished: Set<ParsedNode>;
  /** Nodes so far, aliases counted as often as they are used: a few lines can stand for billions. */
  weight: number;
  readonly weights: Map<ParsedNode, number>;
  readonly keyLines: WeakMap<object, Map<unknown, number>>;
};

const MOST_NODES = 2_000_000;
const CORE = 'tag:yaml.org,2002:';

const lineAt = ({lines}: Building, node: ParsedNode): number => lines.linePos(node.range[0]).line;
const placeOf = (building: Building, node: ParsedNode): string => `${building.path}:${String(lineAt(building, node))}`;

const refuse = (building: Building, node: ParsedNode, message: string): null => {
  building.faults.push(inventoryFault('inventory-syntax', message, placeOf(building, node)));
  return null;
};

const SCALAR_TYPES: ReadonlySet<string> = new Set(['null', 'bool', 'int', 'float', 'timestamp', 'str']);
const isScalarType = (name: string): name is ScalarType => SCALAR_TYPES.has(name);

const typed = (building: Building, node: Scalar.Parsed, type: ScalarType, text: string): Raw => {
  const value = scalarValue(type, text);
  return value === undefined ? refuse(building, node, `${text} is not a valid ${type}`) : value;
};

// A block that the end of the file cuts off before a line break has none at its end, says PyYAML.
const scalarText = ({text}: Building, {value, type, range}: Scalar.Parsed): string => {
  const found = typeof value === 'string' ? value : '';
  const isCut = (type ?? '').startsWith('BLOCK') && range[1] >= text.length && !text.endsWith('\n');
  return isCut && found.endsWith('\n') ? found.slice(0, -1) : found;
};

const refuseTag = (building: Building, node: ParsedNode): null =>
  refuse(building, node, `the tag ${(node.tag ?? '').replace(CORE, '!!')} is not supported`);

const buildScalar = (building: Building, node: Scalar.Parsed): Raw => {
  const text = scalarText(building, node);
  // The non-specific tag `!` changes nothing for PyYAML, whatever the specification says.
  const tag = node.tag ?? '!';
  if (tag === '!') return node.type === 'PLAIN' ? typed(building, node, scalarType(text), text) : text;
  if (tag === '!unsafe') return new UnsafeText(text);
  if (tag === '!vault' || tag === '!vault-encrypted') {
    const at = placeOf(building, node);
    return new VaultedText(text, () => building.decrypt(text, at));
  }
  const name = tag.startsWith(CORE) ? tag.slice(CORE.length) : '';
  return isScalarType(name) ? typed(building, node, name, text) : refuseTag(building, node);
};

const asUnsafe = (raw: Raw): Raw => {
  if (typeof raw === 'string') return new UnsafeText(raw);
  if (Array.isArray(raw)) return raw.map(asUnsafe);
  return isMapping(raw) ? new Map(Array.from(raw, ([key, value]) => [key, asUnsafe(value)])) : raw;
};

/** A collection's value under its tag. */
const tagged = (building: Building, node: ParsedNode, core: 'map' | 'seq', value: Raw): Raw => {
  const tag = node.tag ?? '!';
  if (tag === '!' || tag === CORE + core) return value;
  return tag === '!unsafe' ? asUnsafe(value) : refuseTag(building, node);
};

const isMerge = (node: ParsedNode): boolean => isScalar(node) && node.type === 'PLAIN' && node.value === '<<';

/** What `<<` brings in: of several mappings the first wins. */
const mergedEntries = (building: Building, key: ParsedNode, node: ParsedNode | null): (readonly [unknown, Raw])[] => {
  const raw = build(building, node);
  const maps: Raw[] = Array.isArray(raw) ? raw.toReversed() : [raw];
  if (maps.every(isMapping)) return maps.flatMap((map) => Array.from(map));
  refuse(building, node ?? key, 'only mappings can be merged by <<');
  return [];
};

const buildKey = (building: Building, node: ParsedNode): unknown => {
  const key = build(building, node);
  if (key instanceof UnsafeText) return key.text;
  const isSingle = !Array.isArray(key) && !isMapping(key) && !(key instanceof VaultedText);
  return isSingle ? key : refuse(building, node, 'a key must be a single value');
};

const buildMap = (building: Building, node: YAMLMap.Parsed): Raw => {
  const lines = new Map<unknown, number>();
  const merges = node.items.filter((pair) => isMerge(pair.key));
  const map = new Map<unknown, Raw>(merges.flatMap((pair) => mergedEntries(building, pair.key, pair.value)));
  for (const pair of node.items) {
    if (isMerge(pair.key)) continue;
    const key = buildKey(building, pair.key);
    const earlier = lines.get(key);
    if (earlier === undefined) lines.set(key, lineAt(building, pair.key));
    else refuse(building, pair.key, `the key ${keyText(key)} is there twice, first on line ${String(earlier)}`);
    map.set(key, build(building, pair.value));
  }
  const value = tagged(building, node, 'map', map);
  if (isMapping(value)) building.keyLines.set(value, lines);
  return value;
};

const buildAlias = (building: Building, node: Alias.Parsed): Raw => {
  const target = building.anchors.get(node.source);
  if (target === undefined) return refuse(building, node, `the anchor of *${node.source} is not defined`);
  if (building.unfinished.has(target)) return refuse(building, node, `*${node.source} contains itself`);
  building.weight += building.weights.get(target) ?? 0;
  return build(building, target);
};

const buildNode = (building: Building, node: ParsedNode): Raw => {
  if (isAlias(node)) return buildAlias(building, node);
  if (node.anchor !== undefined) building.anchors.set(node.anchor, node);
  if (isMap(node)) return buildMap(building, node);
  if (isScalar(node)) return buildScalar(building, node);
  const items = isSeq(node) ? node.items.map((item) => build(building, item)) : [];
  return tagged(building, node, 'seq', items);
};

/** The value of a node. What is wrong with it goes to `faults`; too many values are thrown at once. */
export const build = (building: Building, node: ParsedNode | null): Raw => {
  if (node === null) return null;
  if (building.built.has(node)) return building.built.get(node);
  const before = building.weight++;
  if (building.weight > MOST_NODES) {
    throw inventoryFault('inventory-syntax', 'the file stands for more than two million values', building.path);
  }
  building.unfinished.add(node);
  const value = buildNode(building, node);
  building.unfinished.delete(node);
  building.built.set(node, value);
  building.weights.set(node, building.weight - before);
  return value;
};
