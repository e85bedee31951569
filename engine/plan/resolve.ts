import type {Finding, Origin} from '../model/setting.ts';
import {greatest} from '../resources/values.ts';
import {naturalOrder} from './natural-order.ts';
import type {Request} from './request.ts';

const LAYERS: readonly Origin['layer'][] = ['workload', 'nic', 'topology', 'inventory'];

const rank = ({from, specific}: Request): number => LAYERS.indexOf(from.layer) * 2 + (specific === true ? 1 : 0);

const ordered = (a: Request, b: Request): number => rank(a) - rank(b) || naturalOrder(a.from.at, b.from.at);

const contradiction = (winner: Request, other: Request): Finding => ({
  code: 'contradiction',
  grade: 'conflict',
  about: winner.id,
  message: `${winner.from.at} asks for ${winner.value} and ${other.from.at} for ${other.value}; the first is taken`,
  hint: 'one of them should go, or have a condition',
});

/** Two floors of one layer are no contradiction: the higher one meets both. */
const higherFloor = (a: Request, b: Request): Request | undefined =>
  a.operation === 'atLeast' && b.operation === 'atLeast'
    ? {...(greatest(a.value, b.value) === b.value ? b : a), value: greatest(a.value, b.value)}
    : undefined;

/**
 * For each setting the request that wins: inventory over topology rules over NIC sheets over the workload, what names a
 * NIC over what means all, and within one layer the later line. Two different values in one layer are a finding.
 */
export const resolve = (
  requests: readonly Request[],
): {winners: ReadonlyMap<string, Request>; findings: readonly Finding[]} => {
  const winners = new Map<string, Request>();
  const clashes = new Map<string, Finding>();
  for (const request of [...requests].sort(ordered)) {
    const earlier = winners.get(request.id);
    if (!earlier || rank(earlier) < rank(request)) {
      winners.set(request.id, request);
      clashes.delete(request.id);
      continue;
    }
    const both = higherFloor(earlier, request);
    winners.set(request.id, both ?? request);
    if (!both && earlier.value !== request.value) clashes.set(request.id, contradiction(request, earlier));
  }
  return {winners, findings: [...clashes.values()]};
};
