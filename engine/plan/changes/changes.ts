import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Block, Plan, Setting} from '../../model/setting.ts';
import {nicName} from '../disruption.ts';
import {hostChanges, separateChanges, type Changes} from './host.ts';
import {nicChanges} from './nic.ts';
import {inNicOrder, inTurn, phaseOf, type Phase} from './order.ts';
import {nicRefusals} from './refusals.ts';

const together = (parts: readonly Changes[]): Changes => ({
  changes: parts.flatMap(({changes}) => changes),
  blocks: parts.flatMap(({blocks}) => blocks),
});

/** One NIC's changes of a phase. */
const changesOfNic = (facts: Facts, nic: Nic, settings: readonly Setting[], phase: Phase): Changes => {
  const isOf = ({id}: {id: string}): boolean => phaseOf(id) === phase;
  const blocks: readonly Block[] = nicRefusals(facts, nic, settings).filter(isOf);
  const refused = new Set(blocks.map(({id}) => id));
  const left = settings.filter((setting) => isOf(setting) && !refused.has(setting.id));
  if (phase === 'queues') return together([{changes: [], blocks}, separateChanges(facts, inNicOrder(left))]);
  return {changes: nicChanges(facts, nic, left), blocks};
};

/**
 * The live changes of one phase of a plan, in the order in which a host takes them, with steps and undo, and what is refused
 * though the plan wants it. Pure and deterministic; settings that only a reboot changes are left out. After `devices` the
 * host is to be gathered and planned anew for `queues`.
 */
export const changesOf = (facts: Facts, plan: Plan, phase: Phase): Changes => {
  const byNic = Map.groupBy(
    plan.settings.filter(({pending}) => pending.includes('live')),
    ({id}) => nicName(id),
  );
  const ofHost = (byNic.get(undefined) ?? []).filter(({id}) => phaseOf(id) === phase);
  const touched = facts.nics.filter(({name}) => byNic.has(name));
  const nics = inTurn(facts, plan, touched).map((nic) => changesOfNic(facts, nic, byNic.get(nic.name) ?? [], phase));
  return together([hostChanges(facts, ofHost), ...nics]);
};
