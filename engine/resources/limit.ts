import type {Facts} from '../facts/facts.ts';
import type {ResourceKind} from './resource.ts';
import {isNumber, sameWords, valueHeld} from './values.ts';

const SYSTEMD_ITEM: Readonly<Record<string, string>> = {nofile: 'LimitNOFILE', memlock: 'LimitMEMLOCK'};

const BYTES: Readonly<Record<string, number>> = {K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4};

/** systemd counts memlock in bytes, with a suffix or without; limits.conf in kB. */
const kilobytes = (value: string): string => {
  const match = /^(\d+)([KMGT])?$/.exec(value);
  return match ? String(Math.floor((Number(match[1]) * (BYTES[match[2] ?? ''] ?? 1)) / 1024)) : value;
};

const configuredValue = (line: Facts['limits']['configured'][number]): string => {
  const value = line.value.replace('infinity', 'unlimited');
  return line.item === SYSTEMD_ITEM['memlock'] ? kilobytes(value) : value;
};

const configuredLine = (facts: Facts, item: string): Facts['limits']['configured'][number] | undefined =>
  facts.limits.configured.findLast(
    (line) =>
      line.kind !== 'soft' &&
      ((line.item === item && line.domain === '*') || (line.item === SYSTEMD_ITEM[item] && line.domain === 'systemd')),
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
    return line ? {held: {value: configuredValue(line)}, by: line.at} : {held: 'default'};
  },
  effect: () => 'restart',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => sameWords(a, b),
};
