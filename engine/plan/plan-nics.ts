import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import type {Block, Finding} from '../model/setting.ts';
import {naturalOrder} from './natural-order.ts';
import type {PlanVariables} from './variables.ts';

/** Whether a network interface has hardware, real or paravirtual, of its own. */
export const isDevice = (nic: Nic): boolean => ['physical', 'virtual-function', 'paravirtual'].includes(nic.kind);

export type PlannedNics = {nics: readonly Nic[]; blocks: readonly Block[]; findings: readonly Finding[]};

const missing = (name: string, variables: PlanVariables): Block => ({
  id: `nic ${name}`,
  reason: `this host has no NIC of this name that could be planned for`,
  ...(variables.at['nics'] === undefined ? {} : {hint: `asked for by ${variables.at['nics']}`}),
});

const down = (nics: readonly Nic[]): readonly Finding[] => {
  if (nics.length === 0) return [];
  const names = nics.map((nic) => nic.name).join(', ');
  return [
    {
      code: 'nic-down',
      grade: 'notice',
      about: `nic ${names}`,
      message: `${names} ${nics.length === 1 ? 'is' : 'are'} down and left out of the plan`,
      hint: 'name NICs in linerate_nics to plan for them in any state',
    },
  ];
};

/** NICs in natural order that a plan is made for: those that are up, or those that `linerate_nics` names. */
export const plannedNics = (facts: Facts, variables: PlanVariables): PlannedNics => {
  const devices = facts.nics.filter(isDevice).sort((a, b) => naturalOrder(a.name, b.name));
  if (variables.nics === undefined) {
    const up = devices.filter((nic) => nic.adminUp);
    return {nics: up, blocks: [], findings: down(devices.filter((nic) => !nic.adminUp))};
  }
  const named = new Set(variables.nics);
  const nics = devices.filter((nic) => named.has(nic.name));
  const found = new Set(nics.map((nic) => nic.name));
  return {
    nics,
    findings: [],
    blocks: [...named].filter((name) => !found.has(name)).map((name) => missing(name, variables)),
  };
};
