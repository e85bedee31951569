import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Change, Step} from '../../model/change.ts';
import {known} from '../../model/known.ts';
import type {Setting} from '../../model/setting.ts';
import {isDefaultTable, rssSteps} from '../../resources/rss-table.ts';
import {rss} from '../../resources/rss.ts';
import {queuesWanted} from '../topology/channels.ts';
import {changeOf, stepsOf} from './change.ts';
import {mergedChanges} from './merge.ts';
import {nicUndo} from './nic-undo.ts';
import {attributeOf, inNicOrder, isChannels} from './order.ts';

/** The rx channels that a NIC will have. */
export const receiveWanted = (nic: Nic, settings: readonly Setting[]): number =>
  queuesWanted(
    nic,
    Object.fromEntries(settings.filter(isChannels).map(({id, want}) => [attributeOf(id).attribute, Number(want)])),
  ).rx;

// -L is refused while the table that somebody has set leads to a queue that would go (ethtool_check_max_channel).
const aroundChannels = (facts: Facts, nic: Nic, settings: readonly Setting[]): [Step[], Step[]] => {
  const slots = known(nic.rss)?.slots ?? [];
  const wanted = receiveWanted(nic, settings);
  if (slots.length === 0 || Math.max(...slots) < wanted) return [[], []];
  const table = `equal ${String(wanted)}`;
  const first = rssSteps(nic.name, rss.limit?.(facts, nic.name, table).want ?? table);
  // The driver's own table stays the driver's: else it would not follow the channels from now on.
  const free = isDefaultTable(nic) && !settings.some(({id}) => id.startsWith('rss '));
  return [[...first], free ? [...rssSteps(nic.name, 'default')] : []];
};

const withTable = (facts: Facts, nic: Nic, settings: readonly Setting[], changes: readonly Change[]): Change[] => {
  const [before, after] = aroundChannels(facts, nic, settings);
  const carrier = changes.find((change) => isChannels(change) && change.steps.length > 0);
  return changes.map((change) =>
    change === carrier ? {...change, steps: [...before, ...change.steps, ...after]} : change,
  );
};

// The next NIC, which may be the bond's other member, waits for this one's link, and so does the pinning of interrupts.
const settled = (nic: Nic, changes: readonly Change[]): readonly Change[] => {
  const flapping = changes.some((change) => change.nic !== undefined);
  return changes.map((change, index) =>
    flapping && nic.carrier === true && index === changes.length - 1
      ? {...change, nic: nic.name, steps: [...change.steps, {do: 'settle', nic: nic.name}]}
      : change,
  );
};

/** One NIC's changes of the devices' phase, in order; the first of them undoes them all. */
export const nicChanges = (facts: Facts, nic: Nic, settings: readonly Setting[]): readonly Change[] => {
  const ordered = inNicOrder(settings);
  const raw = ordered.flatMap((setting) => {
    const steps = stepsOf(facts, setting);
    return steps === undefined ? [] : [changeOf(setting, steps, [])];
  });
  const changes = settled(nic, withTable(facts, nic, ordered, mergedChanges(raw)));
  const undo = nicUndo(facts, nic, ordered, receiveWanted(nic, ordered));
  return changes.map((change, index) => (index === 0 ? {...change, undo} : change));
};
