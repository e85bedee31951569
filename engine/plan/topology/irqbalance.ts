import type {Facts} from '../../facts/facts.ts';
import type {Request} from '../request.ts';
import type {NicTopology} from './queues.ts';
import {ruled} from './rules.ts';

// irqbalance bans by the module of the device that owns the interrupt, which for virtio is the PCI transport's.
const moduleOf = (driver: string): string => (driver === 'virtio_net' ? 'virtio_pci' : driver);

/** irqbalance told to leave a driver's interrupts alone, or stopped, where it runs and interrupts are pinned. */
export const irqbalanceRequests = (facts: Facts, topologies: readonly NicTopology[]): readonly Request[] => {
  const state = facts.services.services.find(({name}) => /^irqbalance(?:\.service)?$/.test(name));
  if (!state || (!state.active && state.enabled !== true)) return [];
  const pinned = topologies.filter(({rules}) => rules.irq && rules.irqbalance);
  const stopping = pinned.find(({rules}) => rules.irqbalance?.value === 'stop')?.rules.irqbalance;
  if (stopping) return [ruled(stopping, 'irqbalance', 'service irqbalance', 'stopped')];
  return pinned.flatMap(({nic, rules}) =>
    rules.irqbalance
      ? [ruled(rules.irqbalance, 'irqbalance', `service irqbalance ban.${moduleOf(nic.driver)}`, 'banned')]
      : [],
  );
};
