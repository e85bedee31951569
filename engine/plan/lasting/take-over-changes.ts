import type {Facts} from '../../facts/facts.ts';
import type {Change} from '../../model/change.ts';
import type {Plan} from '../../model/setting.ts';
import {changesOf} from '../changes/changes.ts';
import {isTakenOver} from '../take-over.ts';
import {lastingChanges} from './lasting-changes.ts';
import type {FileTemplates} from './lasting-file.ts';

/**
 * What stops the programs that are taken over from, now and for the next boot: a run of its own that comes before all others,
 * since TuneD puts earlier values back when it stops, so that the host is to be read and planned anew after it. Nothing
 * where none of them runs.
 */
export const takeOverChanges = (
  facts: Facts,
  plan: Plan,
  templates: FileTemplates,
): {changes: readonly Change[]; lasting: readonly Change[]} => {
  const {changes} = changesOf(facts, {...plan, settings: plan.settings.filter(isTakenOver)}, 'devices');
  if (changes.length === 0) return {changes, lasting: []};
  return {changes, lasting: lastingChanges(facts, plan, templates).changes.filter(isTakenOver)};
};
