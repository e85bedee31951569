import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

export type UserWish = WishDetails & {
  /** A number of the system's range, no login shell and `/` as home unless given: what services run as. The default. */
  system?: boolean;
  uid?: number;
  /** The name of its own group; one of the user's name where not given. */
  group?: string;
  /** An absolute path; the folder itself is not made. */
  home?: string;
  shell?: string;
  /** All its other groups; as they are where not given. */
  groups?: readonly string[];
};

/** An account of the host's own files. What is not given is left as it is where the account is there already. */
export const user = (name: string, options: UserWish | (WishDetails & {absent: true})): Wish => {
  if ('absent' in options) return {set: `user ${name}`, to: 'absent', ...detailsOf(options)};
  const {system = true, uid, group, home, shell, groups} = options;
  const parts = {uid, group, home, shell, groups: groups && [...groups].sort().join(',')};
  const named = Object.entries(parts).flatMap(([part, value]) =>
    value === undefined ? [] : [`${part}=${String(value)}`],
  );
  const to = [system ? 'system' : 'present', ...named].join(' ');
  return {set: `user ${name}`, to, ...detailsOf(options)};
};
