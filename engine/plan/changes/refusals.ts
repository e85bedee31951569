import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import {isUnknown, known} from '../../model/known.ts';
import type {Block, Setting} from '../../model/setting.ts';
import {irqOf, splitId} from '../../resources/lookup.ts';
import {movableVectors} from '../../resources/queue-steps.ts';
import {receiveChannels} from '../../resources/rss-table.ts';
import {isRemade} from './nic-undo.ts';
import {receiveWanted} from './nic.ts';
import {isChannels, phaseOf} from './order.ts';

/** Why a NIC's channels must stay as they are. */
const channelRefusal = (nic: Nic, settings: readonly Setting[]): string | undefined => {
  if (/^(?:mqprio|taprio)/.test(nic.qdisc ?? '')) return `${nic.qdisc ?? ''} of ${nic.name} maps traffic to its queues`;
  const rules = known(nic.ntupleRules) ?? 0;
  if (rules === 0 || receiveWanted(nic, settings) >= (receiveChannels(nic) ?? 0)) return undefined;
  return `${String(rules)} ntuple rules of ${nic.name} may lead to queues that would go`;
};

const tableRefusal = (nic: Nic, want: string, settings: readonly Setting[]): string | undefined => {
  const [word, ...numbers] = want.split(' ');
  const queues = word === 'equal' ? Number(numbers[0]) : numbers.length;
  const there = receiveWanted(nic, settings);
  return queues <= there ? undefined : `leads to ${String(queues)} queues, and ${nic.name} will have ${String(there)}`;
};

const UNREADABLE = 'the CPUs of its interrupts could not be read, so that an undo would not bring them back';

const deviceRefusal = (nic: Nic, setting: Setting, settings: readonly Setting[]): string | undefined => {
  if (isRemade([setting]) && movableVectors(nic).some(({affinity}) => isUnknown(affinity))) return UNREADABLE;
  if (isChannels(setting)) return channelRefusal(nic, settings);
  return setting.id.startsWith('rss ') ? tableRefusal(nic, setting.want, settings) : undefined;
};

const MEANT = 'is meant for channels that the NIC does not have';

const queueRefusal = (facts: Facts, {id, live}: Setting, unready: boolean): string | undefined => {
  if (unready) return MEANT;
  const [kind, name = '', vector = ''] = id.split(' ');
  if (live === 'absent') return `${name} has no ${vector} now`;
  const irq = kind === 'irq' ? irqOf(facts, name, vector) : undefined;
  return irq?.name === '' ? 'its interrupt has no name to find it by' : undefined;
};

/** Settings that are worth nothing as long as their NIC's channels are not as planned. */
export const hangsOnChannels = (id: string): boolean => ['rss', 'irq', 'queue'].includes(splitId(id).kind);

/**
 * Why some of a NIC's pending settings, all of them given together, cannot be set as things are; with refused channels also
 * what was planned for those.
 */
export const nicRefusals = (facts: Facts, nic: Nic, settings: readonly Setting[]): readonly Block[] => {
  const unready = settings.some(isChannels);
  const refused = settings.flatMap((setting) => {
    const inQueues = phaseOf(setting.id) === 'queues';
    const reason = inQueues ? queueRefusal(facts, setting, unready) : deviceRefusal(nic, setting, settings);
    return reason === undefined ? [] : [{id: setting.id, reason}];
  });
  if (!refused.some(isChannels)) return refused;
  const ids = new Set(refused.map(({id}) => id));
  const others = settings.filter(({id}) => !ids.has(id) && hangsOnChannels(id));
  return [...refused, ...others.map(({id}) => ({id, reason: MEANT}))];
};
