import type {Block, Plan, Setting} from '../../model/setting.ts';
import {splitId} from '../../resources/lookup.ts';
import {nicName} from '../disruption.ts';
import {isChannels} from './order.ts';
import {hangsOnChannels} from './refusals.ts';

const REASON: Readonly<Record<Setting['undo'], string>> = {
  exact: '',
  approximate: 'what is there now could be brought back only in part',
  reboot: 'only a reboot brings back what is there now',
  never: 'nothing brings back what is there now',
};

const HINT = '--allow-irreversible permits it';

// What a boot can try is judged where that is known (`kernelArguments`, `trialOf`).
const isIrreversible = ({id, undo}: Setting): boolean =>
  undo !== 'exact' && !['boot', 'kernel'].includes(splitId(id).kind);

/**
 * Pending settings that cannot be undone exactly, as refusals; with a NIC's channels also what was planned for those
 * channels.
 */
export const irreversible = (plan: Plan): readonly Block[] => {
  const pending = plan.settings.filter((setting) => setting.pending.length > 0);
  const refused = pending.filter(isIrreversible);
  const ids = new Set(refused.map(({id}) => id));
  const frozen = new Set(refused.filter(isChannels).map(({id}) => nicName(id)));
  return pending.flatMap(({id, undo}): Block[] => {
    if (ids.has(id)) return [{id, reason: REASON[undo], hint: HINT}];
    if (!hangsOnChannels(id) || !frozen.has(nicName(id))) return [];
    return [{id, reason: 'is planned for channels that could not be undone exactly', hint: HINT}];
  });
};

/** The plan without what only `--allow-irreversible` permits, which becomes blocks of it. */
export const reversibleOnly = (plan: Plan): Plan => {
  const blocks = irreversible(plan);
  const refused = new Set(blocks.map(({id}) => id));
  return {...plan, settings: plan.settings.filter(({id}) => !refused.has(id)), blocks: [...plan.blocks, ...blocks]};
};
