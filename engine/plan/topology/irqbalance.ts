import type {Facts} from '../../facts/facts.ts';
import type {Request} from '../request.ts';
import type {NicTopology} from './queues.ts';
import {ruled} from './rules.ts';

// irqbalance bans by the module of the device that owns the interrupt, which for virtio is the PCI transport's.
const moduleOf = (driver: string): string => (driver === 'virtio_net' ? 'virtio_pci' : driver);

/**
 * irqbalance told to leave a driver's interrupts alone where it runs and interrupts are pinned, or stopped; one that was
 * stopped is asked to stay so.
 */
export const irqbalanceRequests = (facts: Facts, topologies: readonly NicTopology[]): readonly Request[] => {
  const state = facts.services.services.find(({name}) => /^irqbalance(?:\.service)?$/.test(name));
  if (!state) return [];
  const pinned = topologies.filter(({rules}) => rules.irq && rules.irqbalance);
  const stopping = pinned.find(({rules}) => rules.irqbalance?.value === 'stop')?.rules.irqbalance;
  const known = state.active || state.enabled !== undefined;
  if (stopping) return known ? [ruled(stopping, 'irqbalance', 'service irqbalance', 'stopped')] : [];
  if (!state.active && state.enabled !== true) return [];
  return pinned.flatMap(({nic, rules}) =>
    rules.irqbalance
      ? [ruled(rules.irqbalance, 'irqbalance', `service irqbalance ban.${moduleOf(nic.driver)}`, 'banned')]
      : [],
  );
};
