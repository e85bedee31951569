import type {Nic} from '../../facts/nic.ts';
import {type File, type Persisted, spoken} from './persisted.ts';
import {commandSettings, ethtoolAttribute} from './tool-words.ts';

// Debian's ethtool package (if-up.d/ethtool), ifupdown-ng (executor ethtool) and ifupdown2 (addon ethtool): an option's
// words are ethtool's own behind these prefixes.
const OPTIONS: readonly (readonly [option: RegExp, verb: string])[] = [
  [/^(?:hardware|ethtool)-dma-ring-(.+)$/, 'G'],
  [/^ring-(rx|tx)$/, 'G'],
  [/^(?:hardware-irq|ethtool)-coalesce-(.+)$/, 'C'],
  [/^(?:ethtool-)?offload-(.+)$/, 'K'],
  [/^(\w+)-offload$/, 'K'],
  [/^(rx-vlan-filter)$/, 'K'],
  [/^(?:ethernet|ethtool)-pause-(.+)$/, 'A'],
];

const optionAttribute = (option: string): string | undefined => {
  if (option === 'mtu') return 'mtu';
  for (const [pattern, verb] of OPTIONS) {
    const word = pattern.exec(option)?.[1];
    if (word !== undefined) return ethtoolAttribute(verb, word);
  }
  return undefined;
};

type Found = {attribute: string; value: string; nic: string};

/** What one line of an interface's stanza sets, and for which interface: its own, or one that a command names. */
const lineSettings = (line: string, own: string): readonly Found[] => {
  const [, option = '', rest = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? [];
  if (/^(?:pre-|post-)?up$/.test(option)) {
    return commandSettings(rest).map((found) => ({...found, nic: found.nic.startsWith('$') ? own : found.nic}));
  }
  const attribute = optionAttribute(option);
  return attribute === undefined || /\s/.test(rest.trim()) ? [] : [{attribute, value: rest.trim(), nic: own}];
};

const linesOf = ({text}: File): readonly string[] => text.split('\n');

/** Names that are brought up at boot or when their hardware appears; `all` where a pattern stands for some. */
const broughtUp = (files: readonly File[]): ((nic: string) => boolean) => {
  const lines = files.flatMap(linesOf).map((line) => /^\s*(?:auto|allow-auto|allow-hotplug)\s+(.*)$/.exec(line)?.[1]);
  const names = new Set(lines.flatMap((rest) => rest?.trim().split(/\s+/) ?? []));
  const pattern = [...names].some((name) => /[*?[/]/.test(name));
  return (nic) => pattern || names.has(nic);
};

const isStanzas = ({kind, path}: File): boolean => kind === 'ifupdown' && !/\/if-(?:pre-)?up\.d\//.test(path);

/** /etc/network/interfaces and what it sources (interfaces(5)), for the interfaces that are brought up at boot. */
export const stanzaSettings = (all: readonly File[]): readonly Persisted[] => {
  const files = all.filter(isStanzas);
  const up = broughtUp(files);
  return files.flatMap((file) => {
    let own = '';
    return linesOf(file).flatMap((line, index) => {
      const [, word = '', name = ''] = /^\s*(\S+)\s*(\S*)/.exec(line) ?? [];
      if (word === 'iface') own = name;
      else if (/^(?:auto|allow-\w+|no-auto-down|mapping|template|source|source-directory)$/.test(word)) own = '';
      if (own === '' || !up(own)) return [];
      return lineSettings(line, own).map(({attribute, value, nic}) => ({
        attribute,
        value: spoken(attribute, value),
        at: `${file.path}:${String(index + 1)}`,
        takes: (other: Nic) => other.name === nic,
      }));
    });
  });
};
