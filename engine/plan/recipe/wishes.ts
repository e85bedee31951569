import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {kindOf} from '../../resources/kinds.ts';
import {splitId} from '../../resources/lookup.ts';
import {serviceName} from '../../resources/service-read.ts';
import {shownValue} from '../fold.ts';
import {idsOfAddress, LEAVE} from '../gather-requests.ts';
import {addressHint, parseAddress, valueProblem, type Address} from '../inventory-address.ts';
import type {Request} from '../request.ts';
import type {Desired, Tuning, Wish} from './recipe.ts';

export const isTuning = (desired: Desired): desired is Tuning => 'tuning' in desired;

/** Wishes of one phase; `at` names recipe and phase: `recipe web-server, phase packages`. No phase where there is but one. */
export type PhaseWishes = {phase?: string; at: string; desired: readonly Desired[]};

const recipeFault = (at: string, message: string, hint?: string): Fault =>
  new Fault({code: 'recipe', owner: 'user', message, at, ...(hint === undefined ? {} : {hint})});

const asked = (wish: Wish, at: string): Pick<Request, 'operation' | 'value'> => {
  const {to, atLeast, noMoreThan, leave} = wish;
  const given = [to, atLeast, noMoreThan, leave && LEAVE].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw recipeFault(at, `"${printableLine(wish.set, 100)}" needs one of to, atLeast, noMoreThan and leave`);
  if (leave) return {operation: 'to', value: LEAVE};
  const operation = to !== undefined ? 'to' : atLeast !== undefined ? 'atLeast' : 'noMoreThan';
  return {operation, value: given[0] ?? ''};
};

const addressOf = (wish: Wish, value: string, at: string): Address => {
  const shown = printableLine(wish.set, 100);
  const address = parseAddress(wish.set);
  if (!address) throw recipeFault(at, `"${shown}" is no address of a setting`, addressHint(wish.set));
  const problem = wish.leave ? undefined : valueProblem(address, value);
  if (problem !== undefined)
    throw recipeFault(at, `"${shown}" is "${printableLine(shownValue(wish.set, value), 100)}", which ${problem}`);
  return address;
};

const requestsOf = (facts: Facts, nics: readonly Nic[], {phase, at}: PhaseWishes, wish: Wish): readonly Request[] => {
  const {operation, value} = asked(wish, at);
  const {why, source = at, restarts, reloads, uploads} = wish;
  const extent = {
    ...(phase === undefined ? {} : {phase}),
    ...(restarts === undefined ? {} : {restarts}),
    ...(reloads === undefined ? {} : {reloads}),
    ...(uploads === undefined ? {} : {uploads}),
  };
  return idsOfAddress(facts, nics, addressOf(wish, value, at)).map((id) => ({
    id,
    operation,
    value,
    why,
    source,
    from: {layer: 'recipe', at},
    extent,
  }));
};

/**
 * What a phase asks of a host's settings.
 * @throws Fault `recipe` where a wish is no address or no value of one
 */
export const wishRequests = (facts: Facts, nics: readonly Nic[], wishes: PhaseWishes): readonly Request[] =>
  wishes.desired.flatMap((desired) => (isTuning(desired) ? [] : requestsOf(facts, nics, wishes, desired)));

/** The scripts that read what phases' wishes are about, beyond the facts of every probe: each address once. */
export const askScripts = (wanted: readonly {id: string; want: string}[]): readonly string[] => {
  const scripts = wanted.flatMap(({id, want}) => {
    const {kind, rest} = splitId(id);
    return kindOf(kind)?.reads?.(rest, want) ?? [];
  });
  return [...new Set(scripts)].filter((script) => script !== '');
};

/** Of wishes: the host's addresses, and the units to restart, for what must be read before they can be planned. */
export const askedByWishes = (desired: readonly Desired[]): readonly {id: string; want: string}[] =>
  desired.flatMap((one) => {
    if (isTuning(one) || one.leave) return [];
    const address = parseAddress(one.set);
    if (address?.scope !== 'host') return [];
    const units = [...(one.restarts ?? []), ...(one.reloads ?? [])].map((unit) => `service ${serviceName(unit)}`);
    const want = one.to ?? one.atLeast ?? one.noMoreThan ?? '';
    return [{id: address.id, want}, ...units.map((id) => ({id, want: 'running'}))];
  });
