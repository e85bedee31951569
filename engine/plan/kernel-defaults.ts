import type {SettingKnowledge} from './sheet.ts';

/** What addresses (as sheets write them) hold when nobody sets them. */
export type KernelDefaults = ReadonlyMap<string, string>;

const EXACT = /^-?\d+(?: -?\d+)*$/;

const known = new WeakMap<readonly SettingKnowledge[], KernelDefaults>();

/**
 * Defaults that are one value on every kernel: those that knowledge gives as bare numbers. One that depends on the version,
 * the memory or the configuration is told in words there, and is none here.
 */
export const kernelDefaults = (knowledge: readonly SettingKnowledge[]): KernelDefaults => {
  const found = known.get(knowledge);
  if (found) return found;
  const exact = knowledge.filter((row) => row.set.startsWith('sysctl ') && EXACT.test(row.default ?? ''));
  const defaults = new Map(exact.map((row) => [row.set, row.default ?? '']));
  known.set(knowledge, defaults);
  return defaults;
};
