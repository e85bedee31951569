import type {Facts} from '../facts/facts.ts';
import {canonical, type Json} from '../model/canonical.ts';
import {known} from '../model/known.ts';
import type {Plan, Setting} from '../model/setting.ts';
import {nicOf} from '../resources/lookup.ts';
import {nicName} from './disruption.ts';

// A NIC is known by where it sits and what it is, not by its name, which another one may have after a reboot.
const nicIdentity = (facts: Facts, name: string): Json => {
  const nic = nicOf(facts, name);
  return {name, pci: nic?.pci?.address ?? null, mac: nic?.permanentMac ?? nic?.mac ?? null};
};

const before = ({id, live, boot, want}: Setting): Json => [id, live, {...boot}, want];

/**
 * What a plan stands on, as canonical JSON text: who the host and the NICs it touches are, and what every setting that asks
 * for a change held before, and shall hold. A plan is out of date when the digest of this text is another one.
 */
export const planIdentity = (facts: Facts, plan: Pick<Plan, 'settings' | 'workload'>): string => {
  const pending = plan.settings.filter((setting) => setting.pending.length > 0);
  const nics = [...new Set(pending.flatMap(({id}) => nicName(id) ?? []))].sort();
  return canonical({
    version: 1,
    machine: known(facts.os.machineId) ?? null,
    hostname: facts.os.hostname,
    workload: plan.workload,
    nics: nics.map((name) => nicIdentity(facts, name)),
    before: [...pending].sort((a, b) => (a.id < b.id ? -1 : 1)).map(before),
  });
};
