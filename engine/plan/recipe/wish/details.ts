import type {Wish} from '../recipe.ts';

/** What every wish may say beside its value; see `Wish`. */
export type WishDetails = Pick<Wish, 'why' | 'source' | 'restarts' | 'reloads'>;

/** The same as members of a wish, without those that were not given. */
export const detailsOf = ({why, source, restarts, reloads}: WishDetails): WishDetails => ({
  why,
  ...(source === undefined ? {} : {source}),
  ...(restarts === undefined ? {} : {restarts}),
  ...(reloads === undefined ? {} : {reloads}),
});
