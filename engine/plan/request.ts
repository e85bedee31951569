import type {Origin, Setting, SettingId} from '../model/setting.ts';
import type {SheetEntry} from './sheet.ts';

/** What one layer asks of one setting. */
export type Request = {
  id: SettingId;
  operation: 'to' | 'atLeast' | 'noMoreThan';
  value: string;
  /** See `SheetEntry.insteadOf` and `SheetEntry.seen`. */
  insteadOf?: readonly string[];
  seen?: boolean;
  /** A hardware limit that `value` is cut down to. */
  atMost?: string;
  why: string;
  source: string;
  cost?: string;
  unconfirmed?: boolean;
  from: Origin;
  /** Recipes only: what a setting of theirs carries beside its value. */
  extent?: Pick<Setting, 'phase' | 'restarts' | 'reloads' | 'uploads'>;
  /** Inventory only: names this very NIC, and so wins over what is asked of all NICs. */
  specific?: boolean;
};

/** A sheet's entry as a request for one setting. */
export const requestOf = (entry: SheetEntry, id: SettingId, layer: Origin['layer']): Request => ({
  id,
  operation: entry.atLeast !== undefined ? 'atLeast' : entry.noMoreThan !== undefined ? 'noMoreThan' : 'to',
  value: entry.atLeast ?? entry.noMoreThan ?? entry.to ?? '',
  ...(entry.insteadOf === undefined ? {} : {insteadOf: entry.insteadOf}),
  ...(entry.seen === undefined ? {} : {seen: entry.seen}),
  ...(entry.atMost === undefined ? {} : {atMost: entry.atMost}),
  why: entry.why,
  source: entry.source,
  ...(entry.cost === undefined ? {} : {cost: entry.cost}),
  ...(entry.unconfirmed === undefined ? {} : {unconfirmed: entry.unconfirmed}),
  from: {layer, at: entry.at},
});
