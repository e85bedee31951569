import {wholeNumber} from './python-literal.ts';
import type {Raw} from './values.ts';

/**
 * Plain scalars as PyYAML types them, which is YAML 1.1 in its own reading (yaml/resolver.py): `yes` is true, `010` is 8,
 * `22:22` is 1342, `1e5` is text, a date is a date.
 */
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d{1,2})(?::(\d{2}))?))?$/;

export type ScalarType = 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'str';

/** The type of a plain scalar. */
export const scalarType = (text: string): ScalarType => {
  if (NULL.test(text)) return 'null';
  if (BOOLEAN.test(text)) return 'bool';
  if (FLOAT.test(text)) return 'float';
  if (INTEGER.test(text)) return 'int';
  return DATE.test(text) || TIME.test(text) ? 'timestamp' : 'str';
};

const sexagesimal = (text: string): number => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);

const magnitude = (digits: string): number | bigint | undefined => {
  if (digits.includes(':')) return sexagesimal(digits);
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  return /^0[bx]$/.test(octal) || octal === '' ? undefined : wholeNumber(octal);
};

const integer = (text: string): number | bigint | undefined => {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  const value = magnitude(digits);
  return value !== undefined && text.startsWith('-') ? -value : value;
};

const float = (text: string): number => {
  const digits = text.replaceAll('_', '').toLowerCase().replace(/^[-+]/, '');
  const sign = text.startsWith('-') ? -1 : 1;
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  return sign * sexagesimal(digits);
};

const two = (text: string | undefined): string => (text ?? '0').padStart(2, '0');

const isDay = (year: string, month: string, day: string): boolean => {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day) && Number(year) > 0;
};

const zone = (utc: string | undefined, sign: string | undefined, hours: string, minutes: string): string => {
  if (utc !== undefined) return '+00:00';
  if (sign === undefined) return '';
  return `${hours === '00' && minutes === '00' ? '+' : sign}${hours}:${minutes}`;
};

/** ISO 8601 as Python's `isoformat` writes it, which is what Ansible's JSON holds. */
const timestamp = (text: string): string | undefined => {
  const match = TIME.exec(text) ?? DATE.exec(text);
  if (match === null) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, utc, sign, zoneHour, zoneMinute] = match;
  if (!isDay(year, two(month), two(day))) return undefined;
  const date = `${year}-${two(month)}-${two(day)}`;
  if (hour === undefined) return date;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || Number(zoneHour ?? 0) > 23) return undefined;
  const micro = (fraction ?? '').slice(0, 6).padEnd(6, '0');
  const rest = `${micro === '000000' ? '' : `.${micro}`}${zone(utc, sign, two(zoneHour), two(zoneMinute))}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}${rest}`;
};

const boolean = (text: string): boolean | undefined =>
  BOOLEAN.test(text) ? /^(?:yes|true|on)$/i.test(text) : undefined;

const READERS: Readonly<Record<ScalarType, (text: string) => Raw>> = {
  null: () => null,
  bool: boolean,
  int: (text) => (INTEGER.test(text) ? integer(text) : undefined),
  float: (text) => (FLOAT.test(text) || INTEGER.test(text) ? float(text) : undefined),
  timestamp,
  str: (text) => text,
};

/** The value of a scalar of that type; undefined when the text is none (`2023-02-30`). Timestamps become ISO texts. */
export const scalarValue = (type: ScalarType, text: string): Raw => READERS[type](text);
