import {isUnknown, type Known} from '../model/known.ts';
import type {Held} from '../model/setting.ts';

export const valueHeld = (value: string | number | undefined): Held =>
  value === undefined ? 'unsupported' : {value: String(value)};

/** What an ethtool or sysfs refusal means: a driver that does not have it, or something that could not be read. */
export const unknownHeld = (reason: string): Held =>
  /not supported|unsupported|no such file|no (?:rings|channels|queues)|invalid argument/i.test(reason)
    ? 'unsupported'
    : {unreadable: reason};

/** Reads one value out of a known fact. */
export const heldOf = <T>(fact: Known<T>, read: (value: T) => string | number | undefined): Held =>
  isUnknown(fact) ? unknownHeld(fact.unknown) : valueHeld(read(fact));

export const onOff = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? 'on' : 'off';

const SWITCH: Readonly<Record<string, string>> = {
  on: 'on',
  off: 'off',
  true: 'on',
  false: 'off',
  yes: 'on',
  no: 'off',
  y: 'on',
  n: 'off',
  '1': 'on',
  '0': 'off',
};

/** `on` or `off` for any of the spellings of a switch; undefined for anything else. */
export const switchOf = (value: string): string | undefined => SWITCH[value.trim().toLowerCase()];

export const words = (value: string): readonly string[] => value.trim().split(/\s+/);

const NUMBER = /^[+-]?(?:0x[0-9a-f]+|\d+)$/i;
const UNLIMITED = /^(?:unlimited|infinity)$/i;

const sameWord = (a: string, b: string): boolean =>
  a === b || (NUMBER.test(a) && NUMBER.test(b) ? Number(a) === Number(b) : UNLIMITED.test(a) && UNLIMITED.test(b));

/** Equal word by word: white space, leading zeros and hex do not count. */
export const sameWords = (a: string, b: string): boolean => {
  if (a === b) return true;
  const [left, right] = [words(a), words(b)];
  return left.length === right.length && left.every((word, index) => sameWord(word, right[index] ?? ''));
};

const sizeOf = (word: string): number =>
  UNLIMITED.test(word) ? Infinity : NUMBER.test(word) ? Number(word) : Number.NaN;

const chosen = (a: string, b: string, better: (other: number, one: number) => boolean): string => {
  const [left, right] = [words(a), words(b)];
  return Array.from({length: Math.max(left.length, right.length)}, (_, index) => {
    const [one = '', other = ''] = [left[index], right[index]];
    if (one === '' || Number.isNaN(sizeOf(one))) return other === '' ? one : other;
    return better(sizeOf(other), sizeOf(one)) ? other : one;
  }).join(' ');
};

/**
 * The greater of two values, for each number of a vector; `unlimited` is greater than any. A place that is missing or is
 * no number in one of them keeps the other's. Numbers beyond 2^53 that are equal as doubles keep the first's text.
 */
export const greatest = (a: string, b: string): string => chosen(a, b, (other, one) => other > one);

/** The lesser of two values, number by number; otherwise as `greatest`. */
export const least = (a: string, b: string): string => chosen(a, b, (other, one) => other < one);

/** Whether any number of `a` is less than the number at the same place in `b`. */
export const isBelow = (a: string, b: string): boolean => {
  const right = words(b);
  return words(a).some((word, index) => sizeOf(word) < sizeOf(right[index] ?? ''));
};

/** Whether a text is one whole number, decimal or hex. */
export const isNumber = (text: string): boolean => NUMBER.test(text.trim());

export const roundUpToPowerOfTwo = (value: number): number => (value <= 1 ? 1 : 2 ** Math.ceil(Math.log2(value)));
export const roundDownToPowerOfTwo = (value: number): number => (value < 1 ? 1 : 2 ** Math.floor(Math.log2(value)));
