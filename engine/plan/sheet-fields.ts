import type {SheetView} from './sheet-context.ts';

const NUMBERS = {now: null, max: null};

/** A view with every field there is, to check templates against before a host is known. */
const EVERY_FIELD: SheetView = {
  workload: '',
  architecture: '',
  virtual: false,
  cloud: null,
  nodes: 0,
  cpu: {online: 0, cores: 0, vendor: 'other', packetCpus: null},
  memory: {gib: 0},
  hugepages: {sizeKb: 0, size: '', total: 0, perNode: '', even: 0, nodes: [], atBoot: false},
  fastestMbps: null,
  largestMtu: 0,
  drivers: {ena: false},
  conntrack: false,
  irqbalance: false,
  softnet: {drops: 'none', squeezed: 'none'},
  listenOverflows: 'none',
  conntrackFull: false,
  nic: {
    driver: '',
    virtualFunction: false,
    speedMbps: null,
    mtu: 0,
    queues: 0,
    ring: {rx: NUMBERS, tx: NUMBERS, rxJumbo: NUMBERS},
    channels: {combined: NUMBERS, rx: NUMBERS, tx: NUMBERS},
    drops: 'none',
    pause: {rx: false, tx: false, negotiated: false},
  },
  sysctls: {},
};

/** A field that a template names and no view has, with its line. */
export type MissingField = {field: string; line: number};

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const hasField = (parts: readonly unknown[]): boolean => {
  let at: unknown = EVERY_FIELD;
  for (const part of parts) {
    if (!isNode(at) || typeof part !== 'string' || !Object.hasOwn(at, part)) return false;
    at = at[part];
  }
  return true;
};

const lineOf = (node: Node): number => {
  const start = isNode(node['loc']) ? node['loc']['start'] : undefined;
  return isNode(start) && typeof start['line'] === 'number' ? start['line'] : 1;
};

const pathFields = (node: Node, inside: boolean): MissingField[] => {
  const parts: readonly unknown[] = Array.isArray(node['parts']) ? node['parts'] : [];
  const ofRoot = node['data'] === true && parts[0] === 'root';
  if (!ofRoot && (inside || node['data'] === true)) return [];
  const path = ofRoot ? parts.slice(1) : parts;
  return hasField(path) ? [] : [{field: path.join('.'), line: lineOf(node)}];
};

const isCall = (node: Node): boolean =>
  ['SubExpression', 'BlockStatement'].includes(String(node['type'])) ||
  (node['type'] === 'MustacheStatement' && Array.isArray(node['params']) && node['params'].length > 0);

const isEach = (node: Node): boolean =>
  node['type'] === 'BlockStatement' && isNode(node['path']) && node['path']['original'] === 'each';

/**
 * Handlebars' strict mode looks at what is printed, not at what is handed to `if` or `eq`, where a misspelt field would
 * quietly be false. This finds such fields anywhere in a parsed template; within `each` only `@root` ones can be known.
 */
export const missingFields = (node: unknown, inside = false): MissingField[] => {
  if (Array.isArray(node)) return node.flatMap((one) => missingFields(one, inside));
  if (!isNode(node)) return [];
  if (node['type'] === 'PathExpression') return pathFields(node, inside);
  const each = isEach(node);
  return Object.entries(node)
    .filter(([key]) => key !== 'loc' && !(key === 'path' && isCall(node)))
    .flatMap(([key, value]) => missingFields(value, inside || (each && key === 'program')));
};
