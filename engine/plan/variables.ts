import * as v from 'valibot';
import {parseCpuList, type Cpus} from '../model/cpulist.ts';
import {Fault, Faults} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import {splitId} from '../resources/lookup.ts';
import {addressHint, parseAddress, valueProblem, type Address} from './inventory-address.ts';
import {nearestName} from './nearest.ts';

/** One value of `linerate_settings`. `leave` takes a setting out of the plan. */
export type AskedSetting = {
  address: Address;
  operation: 'to' | 'atLeast' | 'noMoreThan' | 'leave';
  value: string;
  /** `group_vars/web.yml:12 linerate_settings`. */
  at: string;
};

/** What an inventory says to the planner for one host; all optional but the lists. */
export type PlanVariables = {
  /** Defaults to `balanced`. */
  workload?: string;
  settings: readonly AskedSetting[];
  reservedCpus: Cpus;
  /** Flows that send and receive at the same time: sizes RFS. */
  activeFlows?: number;
  /** Connections open at once: sizes conntrack and descriptor limits. */
  expectedConnections?: number;
  /** Longest round trip in milliseconds that full speed shall be reached over: sizes TCP's buffers. */
  roundTripMs?: number;
  /** Only these NICs, also when they are down. */
  nics?: readonly string[];
  /** Refused values that are wanted all the same: `mitigations=off`. */
  allow: readonly string[];
  /** The recipe that the host shall be made by: the name of one of linerate's own, or a file's path. */
  recipe?: string;
  /** For the recipe; its schema decides what they may be. */
  parameters: Readonly<Record<string, unknown>>;
  /** Programs that linerate may take settings over from, so that they are no conflict: `tuned`. */
  takeOver: readonly string[];
  /** Commands of the controller that take this host out of service before it is disrupted, and back after it. */
  drain?: string;
  undrain?: string;
  /** Where each variable was set, by its name without `linerate_`. */
  at: Readonly<Record<string, string>>;
};

const scalar = v.union([v.string(), v.number(), v.boolean()], 'must be a text, a number or a switch');
const text = v.pipe(v.string('must be a text'), v.trim(), v.nonEmpty('must not be empty'));
const list = v.pipe(
  v.union([v.array(text, 'must be a list of texts'), text], 'must be a list of texts'),
  v.transform((value) => (typeof value === 'string' ? value.split(/[\s,]+/) : value)),
);
const count = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number))], 'must be a whole number'),
  v.safeInteger('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
);
const cpus = v.pipe(
  v.union([v.array(v.union([v.number(), v.string()])), v.string(), v.number()], 'must be a CPU list such as 0-3,8'),
  v.transform((value) => parseCpuList(Array.isArray(value) ? value.join(',') : String(value))),
  v.check((value) => value !== undefined, 'must be a CPU list such as 0-3,8'),
  v.transform((value) => value ?? []),
);
const wish = v.union(
  [
    scalar,
    v.null(),
    v.strictObject({atLeast: scalar}),
    v.strictObject({noMoreThan: scalar}),
    v.strictObject({to: scalar}),
  ],
  'must be a value, {atLeast: value}, {noMoreThan: value}, or leave',
);

const SCHEMAS = {
  workload: text,
  settings: v.record(v.string(), v.unknown(), 'must be a mapping from addresses to values'),
  reserved_cpus: cpus,
  active_flows: count,
  expected_connections: count,
  round_trip_ms: count,
  nics: list,
  allow: list,
  take_over: list,
  drain: text,
  undrain: text,
  recipe: text,
  parameters: v.record(v.string(), v.unknown(), 'must be a mapping from names to values'),
} as const;

type Name = keyof typeof SCHEMAS;
type Found = {[K in Name]?: v.InferOutput<(typeof SCHEMAS)[K]>};

const PREFIX = 'linerate_';

const spoken = (kind: string, value: string | number | boolean): string => {
  if (typeof value !== 'boolean') return String(value);
  if (kind === 'sysctl') return value ? '1' : '0';
  if (kind === 'boot') return value ? 'present' : 'absent';
  return value ? 'on' : 'off';
};

const variableFault = (message: string, at: string | undefined, hint?: string): Fault =>
  new Fault({
    code: 'variable',
    owner: 'user',
    message,
    ...(hint === undefined ? {} : {hint}),
    ...(at === undefined ? {} : {at}),
  });

const asked = (address: Address, value: v.InferOutput<typeof wish>, kind: string, at: string): AskedSetting => {
  if (value === null || value === 'leave') return {address, operation: 'leave', value: 'leave', at};
  if (typeof value !== 'object') return {address, operation: 'to', value: spoken(kind, value), at};
  if ('atLeast' in value) return {address, operation: 'atLeast', value: spoken(kind, value.atLeast), at};
  if ('noMoreThan' in value) return {address, operation: 'noMoreThan', value: spoken(kind, value.noMoreThan), at};
  return {address, operation: 'to', value: spoken(kind, value.to), at};
};

const askedSetting = (name: string, value: unknown, at: string | undefined): AskedSetting | Fault => {
  const shown = printableLine(name, 100);
  const address = parseAddress(name);
  if (!address) return variableFault(`linerate_settings: "${shown}" is no address of a setting`, at, addressHint(name));
  const parsed = v.safeParse(wish, value);
  if (!parsed.success) return variableFault(`linerate_settings: "${shown}" ${parsed.issues[0].message}`, at);
  const setting = asked(address, parsed.output, splitId(name.trim()).kind, at ?? 'linerate_settings');
  const problem = setting.operation === 'leave' ? undefined : valueProblem(address, setting.value);
  if (problem === undefined) return setting;
  return variableFault(`linerate_settings: "${shown}" is "${printableLine(setting.value, 100)}", which ${problem}`, at);
};

const unknownVariable = (name: string, at: string | undefined): Fault => {
  const near = nearestName(
    name,
    Object.keys(SCHEMAS).map((known) => PREFIX + known),
  );
  const hint =
    near === undefined
      ? `the variables are ${Object.keys(SCHEMAS)
          .map((known) => PREFIX + known)
          .join(', ')}`
      : `did you mean ${near}?`;
  return variableFault(`"${printableLine(name, 100)}" is no variable of linerate`, at, hint);
};

const isName = (name: string): name is Name => Object.hasOwn(SCHEMAS, name);

const parseOne = (name: Name, value: unknown, at: string | undefined): Found | Fault => {
  const parsed = v.safeParse(SCHEMAS[name], value);
  if (parsed.success) return {[name]: parsed.output};
  return variableFault(`linerate_${name} ${parsed.issues[0].message}`, at);
};

type Position = (name: string) => string | undefined;

const collect = (
  host: Record<string, unknown>,
  at: Position,
): {found: Found; where: Record<string, string>; faults: Fault[]} => {
  const found: Found = {};
  const where: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [variable, value] of Object.entries(host)) {
    if (!variable.startsWith(PREFIX)) continue;
    const name = variable.slice(PREFIX.length);
    const position = at(variable);
    where[name] = position === undefined ? variable : `${position} ${variable}`;
    const one = isName(name) ? parseOne(name, value, position) : unknownVariable(variable, position);
    if (one instanceof Fault) faults.push(one);
    else Object.assign(found, one);
  }
  return {found, where, faults};
};

/**
 * Reads the `linerate_*` variables of one host. Throws `Faults` with all that is wrong (unknown names, wrong types, unknown
 * addresses, values that an address can never hold), each with its place where `at` knows it.
 */
export const parsePlanVariables = (
  hostVariables: Record<string, unknown>,
  at: (name: string) => string | undefined,
): PlanVariables => {
  const {found, where, faults} = collect(hostVariables, at);
  const position = at('linerate_settings');
  const all = Object.entries(found.settings ?? {}).map(([name, value]) => askedSetting(name, value, position));
  const settings: AskedSetting[] = [];
  for (const one of all) {
    if (one instanceof Fault) faults.push(one);
    else settings.push({...one, at: where['settings'] ?? one.at});
  }
  if (faults.length > 0) throw new Faults(faults);
  return {
    ...(found.workload === undefined ? {} : {workload: found.workload}),
    settings,
    reservedCpus: found.reserved_cpus ?? [],
    ...(found.active_flows === undefined ? {} : {activeFlows: found.active_flows}),
    ...(found.expected_connections === undefined ? {} : {expectedConnections: found.expected_connections}),
    ...(found.round_trip_ms === undefined ? {} : {roundTripMs: found.round_trip_ms}),
    ...(found.nics === undefined ? {} : {nics: found.nics}),
    allow: found.allow ?? [],
    takeOver: found.take_over ?? [],
    ...(found.drain === undefined ? {} : {drain: found.drain}),
    ...(found.undrain === undefined ? {} : {undrain: found.undrain}),
    ...(found.recipe === undefined ? {} : {recipe: found.recipe}),
    parameters: found.parameters ?? {},
    at: where,
  };
};

// Those that the planner itself looks at or sets (sizing, RFS, RPS), whether or not a sheet names them.
const OWN_SYSCTLS: readonly string[] = [
  'fs/nr_open',
  'net/core/rps_default_mask',
  'net/core/rps_sock_flow_entries',
  'net/ipv4/tcp_rmem',
  'net/ipv4/tcp_wmem',
  'net/netfilter/nf_conntrack_buckets',
  'net/netfilter/nf_conntrack_max',
];

/** The sysctl keys (slash form) that the planner and a host's variables need: the probe must read them beside the sheets'. */
export const variableSysctls = (variables: PlanVariables): readonly string[] => [
  ...OWN_SYSCTLS,
  ...variables.settings.flatMap(({address}) =>
    address.scope === 'host' && address.id.startsWith('sysctl ') ? [address.id.slice('sysctl '.length)] : [],
  ),
];
