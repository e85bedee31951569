import type {Facts} from '../facts/facts.ts';
import {versionMeets} from '../model/version.ts';
import {inventoryFault} from './complaints.ts';
import {globExpression} from './glob.ts';

/** Whether a host's facts meet one selector. */
export type FactTest = (facts: Facts) => boolean;

type Operator = '=' | '!=' | '>=' | '<=' | '>' | '<';
type Condition = {operator: Operator; value: string};

const SELECTOR = /^(?<name>[a-z]+)(?:=?(?<operator>>=|<=|!=|>|<)|=)(?<value>.+)$/;

const isOperator = (text: string): text is Operator => ['=', '!=', '>=', '<=', '>', '<'].includes(text);

/** Glob match of any of the words, whatever their case. */
const words =
  (read: (facts: Facts) => readonly string[]) =>
  ({operator, value}: Condition): FactTest | undefined => {
    const glob = globExpression(value, 'i');
    const holds: FactTest = (facts) => read(facts).some((word) => glob.test(word));
    if (operator === '=') return holds;
    return operator === '!=' ? (facts) => !holds(facts) : undefined;
  };

const ORDER: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

/** Comparison with any of the numbers; `!=` means with all of them. */
const numbers =
  (read: (facts: Facts) => readonly number[]) =>
  ({operator, value}: Condition): FactTest | undefined => {
    if (!/^\d+$/.test(value)) return undefined;
    const wanted = Number(value);
    if (operator === '!=') return (facts) => read(facts).every((found) => found !== wanted);
    return (facts) => read(facts).some((found) => ORDER[operator](found, wanted));
  };

/** `6.1` is any 6.1 kernel, `6.*` a glob; with an order, RPM's order of versions. */
const version =
  (read: (facts: Facts) => string) =>
  ({operator, value}: Condition): FactTest | undefined => {
    const glob = globExpression(value, 'i');
    const equal: FactTest = (facts) =>
      glob.test(read(facts)) || (read(facts).startsWith(value) && !/^\d/.test(read(facts).slice(value.length)));
    if (operator === '=') return equal;
    if (operator === '!=') return (facts) => !equal(facts);
    return (facts) => versionMeets(read(facts), operator + value) === true;
  };

const SELECTORS: Readonly<Record<string, (condition: Condition) => FactTest | undefined>> = {
  nic: words((facts) => facts.nics.flatMap(({driver, name}) => [driver, name])),
  driver: words((facts) => facts.nics.map(({driver}) => driver)),
  os: words(({os}) => [os.id, `${os.id}${os.versionId}`, ...os.idLike]),
  kernel: version(({os}) => os.kernel),
  cpus: numbers(({cpu}) => [cpu.online.length]),
  nodes: numbers(({numa}) => [numa.nodes.length]),
  speed: numbers((facts) => facts.nics.flatMap((nic) => nic.speedMbps ?? [])),
  virt: words(({platform}) => [platform.virtualisation]),
  cloud: words(({platform}) => [platform.cloud ?? 'none']),
};

/**
 * Reads a selector on facts, such as `nic=mlx5_core`, `kernel=>=6.1`, `cpus>=64`; undefined when the item is a pattern of
 * hosts, which has no `=`. Throws a `Fault` for an unknown name or a value that makes no sense.
 */
export const factSelector = (item: string): FactTest | undefined => {
  const groups = SELECTOR.exec(item)?.groups;
  if (groups === undefined) return undefined;
  const {name = '', operator = '=', value = ''} = groups;
  const make = Object.hasOwn(SELECTORS, name) ? SELECTORS[name] : undefined;
  if (make === undefined) {
    const hint = `the selectors are ${Object.keys(SELECTORS).join(', ')}`;
    throw inventoryFault('inventory-pattern', `there is no selector ${name} (in ${item})`, undefined, hint);
  }
  const test = isOperator(operator) ? make({operator, value}) : undefined;
  if (test !== undefined) return test;
  throw inventoryFault('inventory-pattern', `${name} cannot be compared so: ${item}`);
};
