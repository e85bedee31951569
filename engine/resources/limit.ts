import type {Facts} from '../facts/facts.ts';
import type {ResourceKind} from './resource.ts';
import {isNumber, sameWords, valueHeld} from './values.ts';

const SYSTEMD_ITEM: Readonly<Record<string, string>> = {nofile: 'DefaultLimitNOFILE', memlock: 'DefaultLimitMEMLOCK'};

/** `512:524288` (systemd's soft:hard) as the hard limit; `infinity` as limits.conf's word. */
const hardOf = (value: string): string => (value.split(':').at(-1) ?? value).replace('infinity', 'unlimited');

const configuredLine = (facts: Facts, item: string): Facts['limits']['configured'][number] | undefined =>
  facts.limits.configured.findLast(
    (line) =>
      (line.item === item && line.kind !== 'soft' && ['*', 'systemd'].includes(line.domain)) ||
      line.item === SYSTEMD_ITEM[item],
  );

/** Hard resource limits of new logins and services: `limit nofile` (descriptors), `limit memlock` (kB). */
export const limit: ResourceKind = {
  kind: 'limit',
  form: 'nofile or memlock',
  knows: (rest) => rest === 'nofile' || rest === 'memlock',
  problem: (_rest, want) => (want === 'unlimited' || isNumber(want) ? undefined : 'is neither a number nor unlimited'),
  live: ({limits}, rest) => {
    const value = rest === 'nofile' ? limits.nofileHard : limits.memlockKb;
    return value === undefined ? {unreadable: 'the shell does not tell'} : valueHeld(value);
  },
  boot: (facts, rest) => {
    const line = configuredLine(facts, rest);
    return line ? {held: {value: hardOf(line.value)}, by: line.at} : {held: 'default'};
  },
  effect: () => 'restart',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => sameWords(a, b),
};
