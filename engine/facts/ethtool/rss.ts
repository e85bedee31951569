import type {RssTable} from '../nic.ts';

const ROW = /^ *(\d+): +(\d[\d ]*)$/gm;
const KEY = /^RSS hash key:\n((?:[0-9a-f]{2}:)*[0-9a-f]{2})$/m;
const FUNCTION = /^ +(\S+): on$/gm;

/**
 * `ethtool -x`. Undefined where there is no table, which is how a driver without RSS shows: the exit status is 0 then.
 * Rows must follow one another without a gap: half a table is none.
 */
export const parseRss = (text: string): RssTable | undefined => {
  const slots: number[] = [];
  for (const [, first, row = ''] of text.matchAll(ROW)) {
    if (Number(first) !== slots.length) return undefined;
    slots.push(...row.trim().split(/ +/).map(Number));
  }
  if (slots.length === 0) return undefined;
  const key = KEY.exec(text)?.[1];
  const after = text.indexOf('RSS hash function:');
  const functions = after < 0 ? [] : [...(text.slice(after).split(/\n(?! )/)[0] ?? '').matchAll(FUNCTION)];
  return {slots, keyBytes: key?.split(':').length ?? 0, functions: functions.map((match) => match[1] ?? '')};
};
