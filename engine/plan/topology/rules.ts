import type {Nic} from '../../facts/nic.ts';
import type {Request} from '../request.ts';

export type RuleName = 'irq' | 'rps' | 'rfs' | 'xps' | 'channels' | 'rss' | 'irqbalance';

/** What is asked of one NIC's topology: the requests that won, by rule. A rule nobody asks for is left alone. */
export type Rules = Readonly<Partial<Record<RuleName, Request>>>;

const NAMES: readonly RuleName[] = ['irq', 'rps', 'rfs', 'xps', 'channels', 'rss', 'irqbalance'];

/** The rules of a NIC among all requests that won. */
export const rulesOf = (winners: ReadonlyMap<string, Request>, nic: Nic): Rules =>
  Object.fromEntries(
    NAMES.flatMap((name) => {
      const request = winners.get(`rule ${nic.name} ${name}`);
      return request && request.value !== 'leave' ? [[name, request]] : [];
    }),
  );

/** A setting that a rule makes: it takes over why and source from the sheet's line that asked for the rule. */
export const ruled = (
  rule: Request,
  name: RuleName,
  id: string,
  value: string,
  operation: Request['operation'] = 'to',
): Request => ({
  id,
  operation,
  value,
  why: rule.why,
  source: rule.source,
  ...(rule.cost === undefined ? {} : {cost: rule.cost}),
  from: {layer: 'topology', at: `topology rule ${name} (${rule.from.at})`},
});
