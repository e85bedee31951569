import type {ResourceKind} from './resource.ts';
import {nicOf} from './lookup.ts';
import {heldOf} from './values.ts';

/**
 * An indirection table in ethtool's own words: `equal 8` where slot i leads to queue i mod 8 (the kernel's default,
 * ethtool_rxfh_indir_default), else the slots of each queue: `weight 64 0 64`.
 */
export const rssText = (slots: readonly number[]): string | undefined => {
  if (slots.length === 0) return undefined;
  const queues = Math.max(...slots) + 1;
  if (slots.every((queue, slot) => queue === slot % queues)) return `equal ${String(queues)}`;
  const weights = Array.from({length: queues}, () => 0);
  for (const queue of slots) weights[queue] = (weights[queue] ?? 0) + 1;
  return `weight ${weights.join(' ')}`;
};

/** How a NIC spreads flows over its rx queues: `rss ens1f0`. */
export const rss: ResourceKind = {
  kind: 'rss',
  form: 'NIC',
  knows: (rest) => /^\S+$/.test(rest),
  problem: (_rest, want) =>
    /^(?:equal \d+|weight(?: \d+)+)$/.test(want) ? undefined : 'is neither `equal N` nor `weight W0 W1 …`',
  live: (facts, rest) => {
    const nic = nicOf(facts, rest);
    return nic ? heldOf(nic.rss, ({slots}) => rssText(slots)) : 'unsupported';
  },
  boot: (facts, rest) => {
    // A driver spreads its table evenly over its channels, as long as nobody has set it (netif_is_rxfh_configured).
    const nic = nicOf(facts, rest);
    const now = nic && heldOf(nic.rss, ({slots}) => rssText(slots));
    const even = typeof now === 'object' && 'value' in now && now.value.startsWith('equal');
    return even ? {held: now, by: `the ${nic?.driver ?? 'NIC'} driver`} : {held: 'default'};
  },
  effect: () => 'live',
  undo: (facts, rest) => {
    const nic = nicOf(facts, rest);
    const now = nic && heldOf(nic.rss, ({slots}) => rssText(slots));
    return typeof now === 'object' && 'value' in now && now.value.startsWith('equal') ? 'exact' : 'approximate';
  },
  same: (_facts, _rest, a, b) => a === b,
};
