import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import {moduleOfKey} from '../../facts/sysctls.ts';
import type {Contribution} from './contributions.ts';
import {commentAbove, entryOf, withKept, type Entry} from './entries.ts';
import {idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

// A write to these resets other keys (devinet_sysctl_forward) or bounds them (fs.nr_open caps descriptor limits): they go first.
const FIRST = /^(?:net\/ipv4\/ip_forward|net\/ipv[46]\/conf\/(?:all|default)\/forwarding|fs\/nr_open)$/;

const inOrder = (entries: readonly Entry[]): readonly Entry[] => [
  ...entries.filter(({key}) => FIRST.test(key)),
  ...entries.filter(({key}) => !FIRST.test(key)),
];

/** Dots for slashes and slashes for dots, as sysctl.d(5) reads a key whose first separator is a dot. */
const dotted = (key: string): string => key.replaceAll(/[./]/g, (character) => (character === '/' ? '.' : '/'));

const before = ({services, sysctls}: Facts): readonly Entry[] => {
  const lines = (services.own?.texts[OWN.sysctls] ?? '').split('\n');
  return sysctls.configured.flatMap(({key, value, at}) => {
    const [, line] = at.split(`${OWN.sysctls}:`);
    return line === undefined ? [] : [{key, value, comment: commentAbove(lines, Number(line))}];
  });
};

export type ModuleKeys = {module: string; prefixes: readonly string[]};

/** Which keys appear with which of the modules that are loaded, as prefixes that systemd-sysctl takes. */
const modulesOf = ({modules}: Facts, entries: readonly Entry[]): readonly ModuleKeys[] => {
  const prefixes = new Map<string, Set<string>>();
  for (const {key} of entries) {
    const module = moduleOfKey(key);
    if (module === undefined || !modules.loaded.includes(module)) continue;
    const prefix = key.split('/').length > 2 ? key.slice(0, key.lastIndexOf('/')) : key;
    prefixes.set(module, (prefixes.get(module) ?? new Set()).add(prefix));
  }
  return [...prefixes]
    .map(([module, all]) => ({module, prefixes: [...all].sort()}))
    .sort((a, b) => (a.module < b.module ? -1 : 1));
};

/** sysctl.d, and modules-load.d for the modules that are loaded now and bring keys of it. */
export const sysctlFiles = (
  facts: Facts,
  templates: FileTemplates,
  contributions: readonly Contribution<'sysctl'>[],
): {files: readonly LastingFile[]; modules: readonly ModuleKeys[]} => {
  const entries = inOrder(withKept(contributions.map(entryOf), before(facts)));
  const modules = modulesOf(facts, entries);
  if (contributions.length === 0) return {files: [], modules};
  const values = entries.map(({key, value, comment}) => ({key: dotted(key), value, comment}));
  const carries = idsOf(contributions);
  const sysctls: LastingFile = {
    path: OWN.sysctls,
    text: rendered(templates, 'sysctl.conf', {values}),
    mode: 0o644,
    carries,
    why: 'sysctls are set from it at boot, and whenever an interface or module that brings them appears',
  };
  if (modules.length === 0) return {files: [sysctls], modules};
  const early: LastingFile = {
    path: OWN.modulesLoad,
    text: rendered(templates, 'modules-load.conf', {modules}),
    mode: 0o644,
    carries: idsOf(contributions.filter(({lasting}) => moduleOfKey(lasting.key) !== undefined)),
    why: 'these modules bring sysctls that shall hold from the start',
  };
  return {files: [sysctls, early], modules};
};
