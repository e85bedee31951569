import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Plan, Setting} from '../../model/setting.ts';
import {splitId} from '../../resources/lookup.ts';
import {splitAttribute} from '../../resources/nic-attributes.ts';
import {isListed} from '../recipe/phases.ts';
import {inSysctlOrder} from './sysctl-order.ts';

/**
 * `devices`: all that may flap a link, reset queues or renumber interrupts, and the host's own settings. `queues`: what
 * hangs on queues and interrupts as they are after that, for which the host is gathered and planned anew.
 */
export type Phase = 'devices' | 'queues';

export const phaseOf = (id: string): Phase => (/^(?:irq|queue) /.test(id) ? 'queues' : 'devices');

/** `ring` of `nic ens1f0 ring.rx`, and the whole attribute. */
export const attributeOf = (id: string): {family: string; attribute: string} => {
  const attribute = id.split(' ')[2] ?? '';
  return {family: splitAttribute(attribute).family, attribute};
};

/** Whether a setting is the number of a NIC's channels. */
export const isChannels = ({id}: {id: string}): boolean => /^nic \S+ channels\./.test(id);

// What would fight us stops first; then what a recipe lists, as it lists it; a module brings the keys of its own, and huge
// pages have the kernel rewrite one; threads of cores are there before their governor.
const HOST_ORDER = ['service', 'cpu smt', 'module', 'thp', 'sysctl'];

const hostRank = (setting: Setting): number => {
  if (isListed(setting)) return 0.5;
  const {id} = setting;
  const rank = HOST_ORDER.findIndex((start) => id.startsWith(start));
  return rank < 0 ? HOST_ORDER.length : rank;
};

/** The host's own settings in the order in which they are set. */
export const inHostOrder = (settings: readonly Setting[]): readonly Setting[] => {
  const isSysctl = ({id}: Setting): boolean => id.startsWith('sysctl ');
  const others = settings.filter((setting) => !isSysctl(setting));
  return [...others, ...inSysctlOrder(settings.filter(isSysctl))].sort((a, b) => hostRank(a) - hostRank(b));
};

// Private flags remake channels (mlx5), offloads change what rings may hold (bnxt), channels undo a table.
const DEVICE_ORDER = [
  'private',
  'mtu',
  'txqueuelen',
  'feature',
  'pause',
  'channels',
  'ring',
  'rss',
  'ntuple',
  'coalesce',
];
const QUEUE_ORDER = ['irq', 'rps', 'rfs', 'xps', 'bql.limit_max', 'bql.limit_min'];

const nicRank = ({id}: Setting): number => {
  const {kind} = splitId(id);
  if (kind === 'irq') return 0;
  if (kind === 'queue') return QUEUE_ORDER.indexOf(id.split(' ')[3] ?? '');
  const {family, attribute} = attributeOf(id);
  const word = kind === 'rss' ? 'rss' : attribute === 'feature.ntuple-filters' ? 'ntuple' : family;
  const rank = DEVICE_ORDER.indexOf(word);
  return rank < 0 ? DEVICE_ORDER.length : rank;
};

/** One NIC's settings in the order in which drivers take them; those of one rank as they stand. */
export const inNicOrder = (settings: readonly Setting[]): readonly Setting[] =>
  settings.toSorted((a, b) => nicRank(a) - nicRank(b));

/**
 * NICs as their turn comes: those that carry the management connection last, and of a bond's members the one in use after
 * the others, so that each time the others carry its traffic.
 */
export const inTurn = (facts: Facts, plan: Plan, nics: readonly Nic[]): readonly Nic[] => {
  const management = new Set(plan.managementPath);
  const active = new Set(facts.nics.flatMap(({bond}) => bond?.active ?? []));
  const rank = ({name}: Nic): number => (management.has(name) ? 2 : 0) + (active.has(name) ? 1 : 0);
  return nics.toSorted((a, b) => rank(a) - rank(b));
};
