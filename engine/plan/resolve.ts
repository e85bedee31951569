import type {Finding, Origin} from '../model/setting.ts';
import {shownValue} from './fold.ts';
import {naturalOrder} from './natural-order.ts';
import type {Request} from './request.ts';
import {settled} from './wanted.ts';

const LAYERS: readonly Origin['layer'][] = ['workload', 'nic', 'topology', 'recipe', 'inventory'];

const rank = ({from, specific}: Request): number => LAYERS.indexOf(from.layer) * 2 + (specific === true ? 1 : 0);

const ordered = (a: Request, b: Request): number => rank(a) - rank(b) || naturalOrder(a.from.at, b.from.at);

const contradiction = (winner: Request, other: Request): Finding => ({
  code: 'contradiction',
  grade: 'conflict',
  about: winner.id,
  message: `${winner.from.at} asks for ${shownValue(winner.id, winner.value)} and ${other.from.at} for ${shownValue(other.id, other.value)}; the first is taken`,
  hint: 'one of them should go, or have a condition',
});

/** Two floors of one layer are no contradiction, as the higher one meets both; nor are two ceilings. */
const stricter = (a: Request, b: Request): Request | undefined => {
  if (a.operation === 'to' || a.operation !== b.operation) return undefined;
  const value = settled(a.operation, b.value, a.value);
  return {...(value === b.value ? b : a), value};
};

type Settled = {winner: Request; clash?: Finding};

const settle = (first: Request, others: readonly Request[]): Settled => {
  let winner = first;
  let clash: Finding | undefined;
  for (const request of others) {
    const both = rank(winner) === rank(request) ? stricter(winner, request) : undefined;
    if (rank(winner) < rank(request)) clash = undefined;
    else if (!both && winner.value !== request.value) clash = contradiction(request, winner);
    winner = both ?? request;
  }
  return clash ? {winner, clash} : {winner};
};

const settledOf = (only: Request, others: readonly Request[]): Settled => {
  if (others.length === 0) return {winner: only};
  const [first = only, ...rest] = [only, ...others].sort(ordered);
  return settle(first, rest);
};

/**
 * For each setting the request that wins: inventory over recipe over topology rules over NIC sheets over the workload, what names a
 * NIC over what means all, and within one layer the later line. Two different values in one layer are a finding.
 */
export const resolve = (
  requests: readonly Request[],
): {winners: ReadonlyMap<string, Request>; findings: readonly Finding[]} => {
  const byId = new Map<string, [Request, ...Request[]]>();
  for (const request of requests) {
    const others = byId.get(request.id);
    if (others) others.push(request);
    else byId.set(request.id, [request]);
  }
  const winners = new Map<string, Request>();
  const findings: Finding[] = [];
  for (const [id, [only, ...others]] of byId) {
    const {winner, clash} = settledOf(only, others);
    winners.set(id, winner);
    if (clash) findings.push(clash);
  }
  return {winners, findings};
};
