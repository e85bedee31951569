import {writeWhole} from '../effects/files.ts';
import type {Plan} from '../model/setting.ts';

/** A plan as saved: with the digest of what it relies on, so that it can be refused when the host has moved on. */
export type SavedPlan = Plan & {digest: string};

export type PlanFile = {format: 'linerate-plan'; version: 1; plans: readonly SavedPlan[]};

/** Saves plans for review; the file is private to the user, as values can be telling. */
export const savePlans = async (file: string, plans: readonly SavedPlan[]): Promise<void> => {
  const content: PlanFile = {format: 'linerate-plan', version: 1, plans};
  await writeWhole(file, `${JSON.stringify(content, undefined, 2)}\n`);
};

/** Saves a report for another program to read. */
export const saveReport = async (file: string, text: string): Promise<void> => writeWhole(file, text, 0o644);
