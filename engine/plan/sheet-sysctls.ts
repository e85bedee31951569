import {sysctlKey} from '../model/sysctl-key.ts';
import type {Sheets} from './sheet.ts';

const NAMED = /(?:^- set:\s*["']?sysctl\s+|\(sysctl\s+["'])([A-Za-z0-9_./:@*-]+)/gm;

/** The sysctl keys that a sheet's source names, as an address or to look at, in any branch; in slash form, sorted. */
export const sysctlsIn = (text: string): string[] =>
  [...new Set([...text.matchAll(NAMED)].map((match) => sysctlKey(match[1] ?? '')))].sort();

const ofAddresses = (rows: readonly {set: string}[]): string[] =>
  rows.filter(({set}) => set.startsWith('sysctl ')).map(({set}) => sysctlKey(set.slice('sysctl '.length)));

/** Every sysctl key, in slash form and sorted, that a sheet, a folklore row or a knowledge row names: what a probe reads. */
export const sheetSysctls = (sheets: Sheets): string[] => {
  const all = [...sheets.workloads.values(), ...sheets.nics.values()].flatMap((sheet) => sheet.sysctls);
  return [...new Set([...all, ...ofAddresses(sheets.folklore), ...ofAddresses(sheets.knowledge)])].sort();
};
