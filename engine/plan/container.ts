import type {Facts} from '../facts/facts.ts';
import type {Block} from '../model/setting.ts';
import {nicName} from './disruption.ts';

/**
 * A container's net.* is not the host's, and a kernel-wide setting is not the container's to change: nothing is planned
 * there, and this says why.
 */
export const containerBlocks = ({platform}: Facts, ids: Iterable<string>): readonly Block[] => {
  if (platform.container === undefined) return [];
  let [net, kernel] = [0, 0];
  for (const id of ids) {
    if (id.startsWith('sysctl net/') || nicName(id) !== undefined) net++;
    else kernel++;
  }
  const hint = 'run linerate on the machine that runs the container';
  const where = `this is a ${platform.container} container`;
  const ours = {id: 'net.*', reason: `${where}: its network settings (${String(net)} wanted) are not the host's`, hint};
  const wide = `${where}: kernel-wide settings (${String(kernel)} wanted) are not its own to change`;
  return [...(net > 0 || kernel === 0 ? [ours] : []), ...(kernel > 0 ? [{id: 'kernel', reason: wide, hint}] : [])];
};
