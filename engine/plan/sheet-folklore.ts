import * as v from 'valibot';

import type {Boot, Held} from '../model/setting.ts';
import {address, checkRows, scalar, sentence} from './sheet-rows.ts';
import type {Folklore} from './sheet.ts';

const CONDITION = /^(configured(?: |$))?(?:(any)|([<>])(-?\d+)|!=(.+)|([^<>!].*))?$/;

const schema = v.strictObject({
  set: address,
  when: v.pipe(scalar, v.regex(CONDITION, 'is none of any, configured, >N, <N, !=V or a value')),
  workloads: v.exactOptional(v.array(sentence, 'must be a list of workloads')),
  notDrivers: v.exactOptional(v.array(sentence, 'must be a list of drivers')),
  grade: v.picklist(['harmful', 'notice'], 'must be harmful or notice'),
  message: sentence,
  hint: v.exactOptional(sentence),
  source: sentence,
  refused: v.exactOptional(v.boolean('must be true or false')),
});

/** Reads a folklore file; all its faults at once, each with file and line. */
export const parseFolklore = (text: string, path: string): Folklore[] => checkRows(schema, text, path);

const words = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

/** Whether one value meets a condition. Of a vector (`tcp_rmem`) `<N` and `>N` look at the last number: its ceiling. */
const meets = (when: string, value: string): boolean => {
  const [, , any, operator, bound, unequal, exact] = CONDITION.exec(when) ?? [];
  const text = words(value);
  if (operator !== undefined) {
    const ceiling = text.split(' ').at(-1) ?? '';
    if (!/^-?\d+$/.test(ceiling)) return false;
    return operator === '>' ? Number(ceiling) > Number(bound) : Number(ceiling) < Number(bound);
  }
  if (unequal !== undefined) return text !== words(unequal);
  return exact === undefined ? any !== undefined || when.startsWith('configured') : text === words(exact);
};

const valueOf = (held: Held | 'default'): string | undefined =>
  typeof held === 'object' && 'value' in held ? held.value : undefined;

/**
 * Whether a row's `when` holds for what a setting holds now or will hold after a reboot. `configured …` asks that something
 * sets it for the next boot (`boot.by`), and looks at that value alone.
 */
export const folkloreHolds = (when: string, live: Held, boot: Boot): boolean => {
  const later = valueOf(boot.held);
  if (when.startsWith('configured')) return boot.by !== undefined && later !== undefined && meets(when, later);
  return [valueOf(live), later].some((value) => value !== undefined && meets(when, value));
};
