import type {ChannelCounts, Nic} from '../../facts/nic.ts';
import {known} from '../../model/known.ts';
import type {Machine} from './machine.ts';

/** How many queues a NIC has, or will have. */
export type QueueCounts = {rx: number; tx: number};

/** Settings of channels by attribute: `channels.combined` → 16. */
export type ChannelWants = Readonly<Record<string, number>>;

const countsOf = ({rx = 0, tx = 0, combined = 0}: ChannelCounts): QueueCounts => ({
  rx: combined + rx,
  tx: combined + tx,
});

const fromIrqs = (nic: Nic, direction: 'rx' | 'tx'): number =>
  new Set(nic.irqs.flatMap(({role, queue}) => (role === direction || role === 'rx-tx' ? [queue] : []))).size;

// Some drivers keep directories below queues/ for more queues than are in use, so channels come first.
const counted = (nic: Nic): QueueCounts => ({
  rx: nic.rxQueues.length || fromIrqs(nic, 'rx'),
  tx: nic.txQueues.length || fromIrqs(nic, 'tx'),
});

/** The queues that a NIC has now: as ethtool says, else as sysfs and its interrupts do. */
export const queuesNow = (nic: Nic): QueueCounts => {
  const channels = known(nic.channels);
  const counts = channels && countsOf(channels.now);
  return counts && counts.rx > 0 && counts.tx > 0 ? counts : counted(nic);
};

/** The queues that a NIC will have once these channels are set. */
export const queuesWanted = (nic: Nic, wants: ChannelWants): QueueCounts => {
  const channels = known(nic.channels);
  if (!channels || Object.keys(wants).length === 0) return queuesNow(nic);
  const next = countsOf({
    ...channels.now,
    ...Object.fromEntries(
      Object.entries(wants).map(([attribute, count]) => [attribute.slice('channels.'.length), count]),
    ),
  });
  return next.rx > 0 && next.tx > 0 ? next : queuesNow(nic);
};

/**
 * What the rule asks for: as many queues as the NIC's node has cores (`local-cores`) or as there are usable CPUs
 * (`cpus`), within the NIC's own maximum. Nothing while filters lead to queues that would go, which ethtool -L refuses.
 */
export const channelsByRule = (machine: Machine, nic: Nic, rule: string): ChannelWants => {
  const channels = known(nic.channels);
  if (!channels || (rule !== 'local-cores' && rule !== 'cpus')) return {};
  const aim = rule === 'cpus' ? machine.usable.length : machine.placeOf(nic).cores.length;
  const {now, max} = channels;
  const separate = (now.combined ?? 0) === 0 && (now.rx ?? 0) > 0;
  const attributes = separate || (max.combined ?? 0) === 0 ? (['rx', 'tx'] as const) : (['combined'] as const);
  const filtered = (known(nic.ntupleRules) ?? 0) > 0;
  return Object.fromEntries(
    attributes.flatMap((attribute) => {
      const most = max[attribute] ?? 0;
      const count = Math.min(most, aim);
      if (most < 2 || count < 1 || (filtered && count < (now[attribute] ?? 0))) return [];
      return [[`channels.${attribute}`, count]];
    }),
  );
};
