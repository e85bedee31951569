import {canonical, type Json} from '../model/canonical.ts';
import type {StageRecord} from './stage.ts';

const changedKeys = (
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => canonical(before[key] ?? null) !== canonical(after[key] ?? null))
    .sort();

const named = (what: string, keys: readonly string[]): readonly string[] =>
  keys.length === 0 ? [] : [`${what} ${keys.join(', ')}`];

const toolTexts = (before: StageRecord, after: StageRecord): readonly string[] =>
  changedKeys(before.tools, after.tools).map((tool) => {
    const [was, is] = [before.tools[tool], after.tools[tool]];
    if (was === undefined) return `uses ${tool} now`;
    return is === undefined ? `no longer uses ${tool}` : `${tool} was ${was}, is ${is}`;
  });

/** Why a stage is made anew though it was made before: a phrase for each thing that changed. */
export const whyAnew = (before: StageRecord | undefined, after: StageRecord): readonly string[] => {
  if (!before) return ['it was never made here'];
  return [
    ...named('input', changedKeys(before.inputs, after.inputs)),
    ...named('file', changedKeys(before.files, after.files)),
    ...(before.script === after.script ? [] : ['its script']),
    ...named('variable', changedKeys(before.environment, after.environment)),
    ...toolTexts(before, after),
    ...(before.builder === after.builder ? [] : ['the builder']),
    ...(canonical(before.checks) === canonical(after.checks) ? [] : ['its checks']),
  ];
};
