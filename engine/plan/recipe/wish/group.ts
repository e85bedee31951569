import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

/** A group of the host's own files; where it is new, with a number of the system's range unless `system` is false. */
export const group = (
  name: string,
  options: WishDetails & ({system?: boolean; gid?: number} | {absent: true}),
): Wish => {
  const details = detailsOf(options);
  if ('absent' in options) return {set: `group ${name}`, to: 'absent', ...details};
  const {system = true, gid} = options;
  const number = gid === undefined ? [] : [`gid=${String(gid)}`];
  const to = system ? ['system', ...number] : number.length > 0 ? number : ['present'];
  return {set: `group ${name}`, to: to.join(' '), ...details};
};
