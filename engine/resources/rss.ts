import type {Nic} from '../facts/nic.ts';
import {known} from '../model/known.ts';
import {nicOf} from './lookup.ts';
import type {ResourceKind} from './resource.ts';
import {isRestorable, rssSteps, rssText} from './rss-table.ts';
import {heldOf, roundDownToPowerOfTwo} from './values.ts';

// X550 and later of ixgbe's cards; ixgbe_rss_indir_tbl_max gives all earlier ones 16 queues, these 64.
const X550 = new Set('1563 15ab 15ac 15ad 15ae 15c2 15c3 15c4 15c6 15c7 15c8 15ce 15d1 15e4 15e5'.split(' '));

/**
 * How many queues a table may lead to, of so many: more are refused. i40e: rss_table_entry_width is 6 bits;
 * mlx4 spreads over powers of two only (mlx4_en_set_rxfh).
 */
const reach = ({driver, pci}: Nic, queues: number): number => {
  if (driver === 'ixgbe') return Math.min(queues, X550.has(pci?.device ?? '') ? 64 : 16);
  if (driver === 'i40e') return Math.min(queues, 64);
  return driver.startsWith('mlx4') ? roundDownToPowerOfTwo(queues) : queues;
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
    const table = nic && known(nic.rss);
    return table && isRestorable(table) ? 'exact' : 'approximate';
  },
  same: (_facts, _rest, a, b) => a === b,
  steps: (_facts, rest, want) => rssSteps(rest, want),
  limit: (facts, rest, want) => {
    const nic = nicOf(facts, rest);
    const queues = Number(/^equal (\d+)$/.exec(want)?.[1] ?? 0);
    const reached = nic ? reach(nic, queues) : queues;
    if (queues === reached) return {want};
    return {
      want: `equal ${String(reached)}`,
      limit: `asked for ${want}, RSS of this NIC reaches ${String(reached)} queues`,
    };
  },
};
