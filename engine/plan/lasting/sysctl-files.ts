import {OWN} from '../../facts/own-files.ts';
import type {Contribution} from './contributions.ts';
import {commented, idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

// A write to these resets other keys (devinet_sysctl_forward) or bounds them (fs.nr_open caps descriptor limits): they go first.
const FIRST = /^(?:net\/ipv4\/ip_forward|net\/ipv[46]\/conf\/(?:all|default)\/forwarding|fs\/nr_open)$/;

const inOrder = (contributions: readonly Contribution<'sysctl'>[]): readonly Contribution<'sysctl'>[] => {
  const rank = ({lasting}: Contribution<'sysctl'>): number => (FIRST.test(lasting.key) ? 0 : 1);
  return contributions.toSorted((a, b) => rank(a) - rank(b) || (a.lasting.key < b.lasting.key ? -1 : 1));
};

/** Dots for slashes and slashes for dots, as sysctl.d(5) reads a key whose first separator is a dot. */
const dotted = (key: string): string => key.replaceAll(/[./]/g, (character) => (character === '/' ? '.' : '/'));

export type ModuleKeys = {module: string; prefixes: readonly string[]};

/** Which keys appear with which module, as prefixes that systemd-sysctl takes. */
export const moduleKeys = (contributions: readonly Contribution<'sysctl'>[]): readonly ModuleKeys[] => {
  const byModule = Map.groupBy(
    contributions.filter(({lasting}) => lasting.module !== undefined),
    ({lasting}) => lasting.module ?? '',
  );
  const prefix = (key: string): string => (key.split('/').length > 2 ? key.slice(0, key.lastIndexOf('/')) : key);
  return [...byModule]
    .map(([module, keys]) => ({module, prefixes: [...new Set(keys.map(({lasting}) => prefix(lasting.key)))].sort()}))
    .sort((a, b) => (a.module < b.module ? -1 : 1));
};

/** sysctl.d, and modules-load.d for the modules that are loaded now and bring keys of it. */
export const sysctlFiles = (
  templates: FileTemplates,
  contributions: readonly Contribution<'sysctl'>[],
): readonly LastingFile[] => {
  if (contributions.length === 0) return [];
  const values = commented(
    inOrder(contributions).map(({setting, lasting}) => ({
      setting,
      value: {key: dotted(lasting.key), value: lasting.value},
    })),
  );
  const modules = moduleKeys(contributions);
  const file: LastingFile = {
    path: OWN.sysctls,
    text: rendered(templates, 'sysctl.conf', {values}),
    mode: 0o644,
    carries: idsOf(contributions),
    why: 'sysctls are set from it at boot, and whenever an interface or module that brings them appears',
  };
  if (modules.length === 0) return [file];
  const brought = contributions.filter(({lasting}) => lasting.module !== undefined);
  return [
    file,
    {
      path: OWN.modulesLoad,
      text: rendered(templates, 'modules-load.conf', {modules}),
      mode: 0o644,
      carries: idsOf(brought),
      why: 'these modules bring sysctls that shall hold from the start',
    },
  ];
};
