import type {Facts} from '../../facts/facts.ts';
import type {Change} from '../../model/change.ts';
import type {Block, Setting} from '../../model/setting.ts';
import {banSteps} from '../../resources/irqbalance.ts';
import {kindOf} from '../../resources/kinds.ts';
import {splitId} from '../../resources/lookup.ts';
import {changeOf, stepsOf, undoOf} from './change.ts';
import {mergedChanges} from './merge.ts';
import {inHostOrder} from './order.ts';
import {withOneReload, withRestarts} from './restarts.ts';

export type Changes = {changes: readonly Change[]; blocks: readonly Block[]};

const BAN = 'service irqbalance ban.';

// irqbalance has one list of arguments: it is written once, and irqbalance restarted once.
const withBans = (facts: Facts, changes: readonly Change[]): readonly Change[] => {
  const bans = changes.filter(({id}) => id.startsWith(BAN));
  const [first] = bans;
  const wanted = bans.map(({id, after}) => ({module: id.slice(BAN.length), banned: after === 'banned'}));
  const steps = banSteps(facts, wanted);
  if (!first || !steps) return changes;
  return changes.map((change): Change => {
    if (change === first) return {...change, steps};
    return change.id.startsWith(BAN) ? {...change, steps: [], undo: [], with: first.id} : change;
  });
};

const UNTOLD =
  'what it holds now, or what it would disturb, could not be read, so that an undo would not bring it back';

const unsettable = ({id, effect}: Setting): readonly Block[] =>
  effect === 'reboot' || kindOf(splitId(id).kind)?.steps === undefined
    ? []
    : [{id, reason: 'nothing here sets it while the host runs'}];

/** Changes of settings, each with its own undo, in this order; settings that only a reboot changes are left out. */
export const separateChanges = (facts: Facts, settings: readonly Setting[]): Changes => {
  const changes: Change[] = [];
  const blocks: Block[] = [];
  for (const setting of settings) {
    const steps = stepsOf(facts, setting);
    const undo = undoOf(facts, setting);
    if (steps === undefined) blocks.push(...unsettable(setting));
    else if (undo === undefined && setting.undo === 'exact') blocks.push({id: setting.id, reason: UNTOLD});
    else changes.push(changeOf(setting, steps, undo ?? []));
  }
  return {changes, blocks};
};

/** The host's own changes, in order. */
export const hostChanges = (facts: Facts, settings: readonly Setting[]): Changes => {
  const {changes, blocks} = separateChanges(facts, inHostOrder(settings));
  const merged = withOneReload(mergedChanges(withBans(facts, changes)));
  return {changes: withRestarts(facts, settings, merged), blocks};
};
