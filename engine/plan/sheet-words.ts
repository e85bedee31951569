import type {Held} from '../model/setting.ts';
import {sysctlKey} from '../model/sysctl-key.ts';

/** What Handlebars passes after the written arguments. */
type Call = {
  name: string;
  loc?: {start: {line: number; column: number}};
  data?: {root?: {sysctls?: Readonly<Record<string, Held>>}};
};

type Word = (...written: unknown[]) => unknown;

const isCall = (value: unknown): value is Call => typeof value === 'object' && value !== null && 'name' in value;

// The place is told as Handlebars itself tells it, so that both kinds of error are read in one way.
const placeOf = ({loc}: Call): string => (loc ? ` - ${String(loc.start.line)}:${String(loc.start.column)}` : '');

const numbers = (call: unknown, values: readonly unknown[]): number[] =>
  values.map((value) => {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    const [name, place] = isCall(call) ? [call.name, placeOf(call)] : ['', ''];
    throw new TypeError(`"${name}" was given ${JSON.stringify(value) ?? 'nothing'}, which is not a number${place}`);
  });

const isPresent = (value: unknown): boolean => value !== null && value !== undefined && value !== false && value !== '';

// Comparing with what is unknown (null) is false, so that a sheet need not ask twice.
const compare =
  (holds: (a: number, b: number) => boolean) =>
  (a: unknown, b: unknown): boolean =>
    typeof a === 'number' && typeof b === 'number' && holds(a, b);

const arithmetic =
  (calculate: (...values: number[]) => number): Word =>
  (...written) => {
    const call = written.at(-1);
    const [result = 0] = numbers(call, [calculate(...numbers(call, written.slice(0, -1)))]);
    return Math.floor(result);
  };

const liveSysctl = (key: unknown, call: unknown): number | string | null => {
  const held = typeof key === 'string' && isCall(call) ? call.data?.root?.sysctls?.[sysctlKey(key)] : undefined;
  if (held === undefined || typeof held === 'string' || !('value' in held)) return null;
  return /^-?\d{1,15}$/.test(held.value) ? Number(held.value) : held.value;
};

/**
 * The words that sheets may use beside Handlebars' own `if`, `unless` and `each`. All are pure; arithmetic rounds down to
 * a whole number and refuses what is not a number.
 * - `eq a b`, `ne a b`, `oneOf a b c …`, `lt`, `gt`, `gte` (false when a side is unknown), `and`, `or`, `not`
 * - `min`, `max`, `times`, `plus`, `dividedBy`, `roundUpToPowerOfTwo`
 * - `bdp MBITS MILLISECONDS`: bytes under way on a path of that speed and round-trip time
 * - `sysctl KEY`: what the host holds now: a number, a text, or null when it has no such key; never of a key that the same
 *   sheet sets, whose entry would be gone once it has been carried out
 */
export const WORDS: Readonly<Record<string, Word>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  oneOf: (value, ...written) => written.slice(0, -1).includes(value),
  lt: compare((a, b) => a < b),
  gt: compare((a, b) => a > b),
  gte: compare((a, b) => a >= b),
  and: (...written) => written.slice(0, -1).every(isPresent),
  or: (...written) => written.slice(0, -1).some(isPresent),
  not: (value) => !isPresent(value),
  min: arithmetic(Math.min),
  max: arithmetic(Math.max),
  times: arithmetic((...values) => values.reduce((product, value) => product * value, 1)),
  plus: arithmetic((...values) => values.reduce((sum, value) => sum + value, 0)),
  dividedBy: arithmetic((a, b) => (a ?? 0) / (b ?? 1)),
  roundUpToPowerOfTwo: arithmetic((value) => (value <= 1 ? 1 : 2 ** Math.ceil(Math.log2(value)))),
  bdp: arithmetic((megabits, milliseconds) => (megabits * milliseconds * 1000) / 8),
  sysctl: liveSysctl,
};
