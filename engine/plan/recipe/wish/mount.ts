import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

export type MountWish = WishDetails & {
  /** As `mount -o` takes them: `pagesize=1G,size=4G`. */
  options?: string;
  /** Where the type has one: `/dev/vdb1`. */
  device?: string;
};

/** A file system that is mounted now and at each boot; its folder is made where it is missing. */
export const mounted = (path: string, type: string, {options, device, ...details}: MountWish): Wish => ({
  set: `mount ${path}`,
  to: [
    type,
    ...(options === undefined && device === undefined ? [] : [options ?? 'defaults']),
    ...(device === undefined ? [] : [device]),
  ].join(' '),
  ...detailsOf(details),
});
