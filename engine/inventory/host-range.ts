import {parseAddress} from './address.ts';

/** The hosts that a pattern such as `db[01:10:3]-[a:c]:2222` stands for, or why it stands for none. */
export type Expansion = {hosts: readonly string[]; port?: number} | {broken: string};

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** More hosts than this from one pattern is taken for a slip of the keyboard. */
const MOST_HOSTS = 100_000;

type Bounds = {begin: string; end: string; step: number};

const readBounds = (text: string): Bounds | string => {
  const parts = text.split(':');
  const [begin = '', end = '', step = '1'] = parts;
  if (parts.length < 2 || parts.length > 3) return 'must be [begin:end] or [begin:end:step]';
  if (end === '') return 'has no end';
  if (!/^\d+$/.test(step) || Number(step) === 0) return 'has a step that is not a positive number';
  return {begin: begin === '' ? '0' : begin, end, step: Number(step)};
};

const letters = ({begin, end, step}: Bounds): readonly string[] | string => {
  const first = LETTERS.indexOf(begin);
  const last = LETTERS.indexOf(end);
  if (first > last) return 'begins after its end';
  return LETTERS.slice(first, last + 1)
    .split('')
    .filter((_, index) => index % step === 0);
};

const numbers = ({begin, end, step}: Bounds): readonly string[] | string => {
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(end)) return 'has bounds that are neither numbers nor single letters';
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length) return 'has bounds of different lengths although the first is padded';
  const [first, last] = [Number(begin), Number(end)];
  if (first > last) return 'begins after its end';
  const count = Math.floor((last - first) / step) + 1;
  if (count > MOST_HOSTS) return `names more than ${String(MOST_HOSTS)} hosts`;
  return Array.from({length: count}, (_, index) =>
    String(first + index * step).padStart(padded ? begin.length : 1, '0'),
  );
};

const members = (text: string): readonly string[] | string => {
  const bounds = readBounds(text);
  if (typeof bounds === 'string') return bounds;
  const isLetters = [bounds.begin, bounds.end].every((bound) => /^[a-zA-Z]$/.test(bound));
  return isLetters ? letters(bounds) : numbers(bounds);
};

const expand = (pattern: string): readonly string[] | string => {
  const open = pattern.indexOf('[');
  if (open < 0) return [pattern];
  const close = pattern.indexOf(']');
  if (close < open) return close < 0 ? 'is not closed' : 'is closed before it is opened';
  const found = members(pattern.slice(open + 1, close));
  if (typeof found === 'string') return found;
  const rest = expand(pattern.slice(close + 1));
  if (typeof rest === 'string') return rest;
  if (found.length * rest.length > MOST_HOSTS) return `names more than ${String(MOST_HOSTS)} hosts`;
  const head = pattern.slice(0, open);
  return found.flatMap((member) => rest.map((tail) => head + member + tail));
};

/** Expands every range of a host pattern, leftmost slowest, and takes the port off its end. */
export const expandHosts = (pattern: string): Expansion => {
  const address = parseAddress(pattern);
  const hosts = expand(address?.host ?? pattern);
  if (typeof hosts === 'string') return {broken: hosts};
  return {hosts, ...(address?.port === undefined ? {} : {port: address.port})};
};
