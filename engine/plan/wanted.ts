import type {Facts} from '../facts/facts.ts';
import type {Held} from '../model/setting.ts';
import type {ResourceKind} from '../resources/resource.ts';
import {greatest, isBelow, isNumber, least} from '../resources/values.ts';
import type {Request} from './request.ts';

/** A value to have, with the sentence that says why it is not what was asked for. */
export type Limited = {want: string; limit?: string};

/** The value of what is held; undefined where it is none, cannot be read, or nobody sets it. */
export const valueOf = (held: Held | 'default'): string | undefined =>
  typeof held === 'object' && 'value' in held ? held.value : undefined;

const cut = (value: string, atMost: string | undefined): Limited => {
  if (atMost === undefined || !isNumber(atMost) || !(value === 'max' || isBelow(atMost, value))) return {want: value};
  if (value === 'max') return {want: atMost};
  return {want: atMost, limit: `asked for ${value}, the maximum is ${atMost}`};
};

/** What a request asks for, within the hardware's limits. */
export const limited = (facts: Facts, kind: ResourceKind, rest: string, request: Request): Limited => {
  const first = cut(request.value, request.atMost);
  const second = kind.limit?.(facts, rest, first.want) ?? {want: first.want};
  const limit = first.limit ?? second.limit;
  return {want: second.want, ...(limit === undefined ? {} : {limit})};
};

/** What becomes of a held value by what is asked for: a floor never lowers it, a ceiling never raises it. */
export const settled = (operation: Request['operation'], asked: string, held: string): string => {
  if (operation === 'to') return asked;
  return operation === 'atLeast' ? greatest(held, asked) : least(held, asked);
};
