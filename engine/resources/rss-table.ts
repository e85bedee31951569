import type {Nic, RssTable} from '../facts/nic.ts';
import type {Step} from '../model/change.ts';
import {known} from '../model/known.ts';

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

/** The table that `ethtool -X` makes of `equal N` or `weight W0 W1 …` (fill_indir_table of ethtool.c). */
export const rssSlots = (text: string, size: number): readonly number[] => {
  const [word, ...numbers] = text.split(' ');
  if (word === 'equal') return Array.from({length: size}, (_, slot) => slot % Number(numbers[0]));
  const weights = numbers.map(Number);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let queue = -1;
  let partial = 0;
  return Array.from({length: size}, (_, slot) => {
    while (slot >= Math.floor((size * partial) / sum)) partial += weights[++queue] ?? sum;
    return queue;
  });
};

/** Whether ethtool's words for a table make that very table again. */
export const isRestorable = ({slots}: RssTable): boolean => {
  const text = rssText(slots);
  if (text === undefined) return true;
  const again = rssSlots(text, slots.length);
  return slots.every((queue, slot) => queue === again[slot]);
};

/** How many rx queues a NIC has as ethtool counts them; undefined where it does not tell. */
export const receiveChannels = (nic: Nic): number | undefined => {
  const now = known(nic.channels)?.now;
  return now && (now.combined ?? 0) + (now.rx ?? 0);
};

/** Whether a table is what the driver makes by itself: all queues in turn. */
export const isDefaultTable = (nic: Nic): boolean => {
  const table = known(nic.rss);
  return table !== undefined && rssText(table.slots) === `equal ${String(receiveChannels(nic))}`;
};

export const rssSteps = (nic: string, table: string): readonly Step[] => [
  {do: 'run', argv: ['ethtool', '-X', nic, ...table.split(' ')]},
];

/**
 * Brings the table back. One that the driver could have made is given back to it, so that it follows the channels again
 * (IFF_RXFH_CONFIGURED of net/ethtool): that needs the NIC to have its channels of then.
 */
export const rssNow = (nic: Nic): readonly Step[] => {
  const text = rssText(known(nic.rss)?.slots ?? []);
  if (text === undefined) return [];
  return rssSteps(nic.name, isDefaultTable(nic) ? 'default' : text);
};
