import {readFile} from 'node:fs/promises';
import * as v from 'valibot';
import {writeWhole} from '../effects/files.ts';
import {Fault} from '../model/fault.ts';
import {printable, printableLine} from '../model/printable.ts';
import type {Plan} from '../model/setting.ts';

/** A plan as saved: with the digest of what it relies on, so that it can be refused when the host has moved on. */
export type SavedPlan = Plan & {digest: string};

export type PlanFile = {format: 'linerate-plan'; version: 1; plans: readonly SavedPlan[]};

/** Saves plans for review; the file is private to the user, as values can be telling. */
export const savePlans = async (file: string, plans: readonly SavedPlan[]): Promise<void> => {
  const content: PlanFile = {format: 'linerate-plan', version: 1, plans};
  await writeWhole(file, `${JSON.stringify(content, undefined, 2)}\n`);
};

/** What an apply takes from a saved plan: what was approved. How it is done is worked out anew. */
export type ApprovedPlan = {host: string; digest: string; settings: readonly {id: string; want: string}[]};

const FILE = v.object({
  format: v.literal('linerate-plan'),
  version: v.literal(1),
  plans: v.array(
    v.object({host: v.string(), digest: v.string(), settings: v.array(v.object({id: v.string(), want: v.string()}))}),
  ),
});

const textOf = async (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? printableLine(cause.message) : 'it cannot be read';
    throw new Fault({code: 'plan-unreadable', owner: 'user', message: `the plan ${printable(file)}: ${reason}`, cause});
  });

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Reads a file of saved plans.
 * @throws Fault `plan-unreadable`, `plan-format`
 */
export const readPlans = async (file: string): Promise<readonly ApprovedPlan[]> => {
  const parsed = v.safeParse(FILE, jsonOf(await textOf(file)));
  if (parsed.success) return parsed.output.plans;
  throw new Fault({
    code: 'plan-format',
    owner: 'user',
    message: `${printable(file)} is no file of saved plans`,
    hint: 'make one with: linerate diff --out FILE',
  });
};

/** Whether a plan made now is what was approved: of the same host in the same state, and for the same values. */
export const isApproved = (saved: ApprovedPlan, plan: Plan, digest: string): boolean =>
  saved.digest === digest &&
  saved.settings.length === plan.settings.length &&
  saved.settings.every(({id, want}, place) => plan.settings[place]?.id === id && plan.settings[place].want === want);

/** Saves a report for another program to read. */
export const saveReport = async (file: string, text: string): Promise<void> => writeWhole(file, text, 0o644);
