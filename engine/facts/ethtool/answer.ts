import {type Known, isUnknown, unknown} from '../../model/known.ts';
import {printableLine} from '../../model/printable.ts';

const COMPLAINT =
  /not supported|not permitted|denied|no such device|cannot get|error|bad command line|no data|invalid/i;

/** The reason in ethtool's own words, without the words that only say which request failed. */
const refusal = (output: string): string => {
  const line = output.split('\n').find((line) => COMPLAINT.test(line)) ?? output.split('\n')[0] ?? '';
  return printableLine(line.replace(/^.*: /, '')) || 'ethtool answered nothing';
};

/** What `parse` makes of an answer; where it makes nothing of it, ethtool's own reason. */
export const understood = <T>(answer: Known<string>, parse: (text: string) => T | undefined): Known<T> => {
  if (isUnknown(answer)) return answer;
  return parse(answer) ?? unknown(refusal(answer));
};

/** Lines `key: value`, in order; `Autonegotiate : on` of old builds counts as `Autonegotiate`. */
export const keyedLines = (text: string): readonly (readonly [key: string, value: string])[] =>
  text.split('\n').flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const];
  });

/** `on` and `off`; anything else, as `n/a`, is undefined. */
export const onOff = (text: string): boolean | undefined => (text === 'on' ? true : text === 'off' ? false : undefined);

/** A whole number; `n/a` and anything else is undefined. */
export const count = (text: string): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined);
