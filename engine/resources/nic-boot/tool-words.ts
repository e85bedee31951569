import {ATTRIBUTE_NAMES} from '../nic-names.ts';

/** One attribute that a command sets: `nic` is the word that stands for the interface, a name or a variable. */
export type ToolSetting = {nic: string; attribute: string; value: string};

const VERBS: Readonly<Record<string, string>> = {
  '-G': 'G',
  '--set-ring': 'G',
  '-L': 'L',
  '--set-channels': 'L',
  '-C': 'C',
  '--coalesce': 'C',
  '-K': 'K',
  '--features': 'K',
  '--offload': 'K',
  '-A': 'A',
  '--pause': 'A',
  '--set-priv-flags': 'private',
};

const NAMES = new Map(
  Object.entries(ATTRIBUTE_NAMES).flatMap(([attribute, {ethtool}]) =>
    ethtool ? [[ethtool.join(' '), attribute] as const] : [],
  ),
);

// What has no short name of its own goes by ethtool's.
const OTHERS: Readonly<Record<string, string>> = {C: 'coalesce', K: 'feature', private: 'private'};

/** Our name of what ethtool sets with this verb and word; undefined for what is no attribute. */
export const ethtoolAttribute = (verb: string, word: string): string | undefined => {
  const other = OTHERS[verb];
  return NAMES.get(`${verb} ${word}`) ?? (other === undefined ? undefined : `${other}.${word}`);
};

const wordsOf = (text: string): readonly string[] => text.replaceAll(/["']/g, '').trim().split(/\s+/);

/** Only a literal is a value: a variable's is not known. */
const literal = (value: string | undefined): value is string => value !== undefined && !/[$%]/.test(value);

const pairs = (words: readonly string[]): readonly (readonly [name: string, value: string])[] =>
  words.flatMap((name, index) => {
    const value = words[index + 1];
    return index % 2 === 0 && literal(value) ? [[name, value] as const] : [];
  });

/** The arguments of one `ethtool`: `-G eth0 rx 4096 tx 4096`. */
export const ethtoolSettings = (text: string): readonly ToolSetting[] => {
  const [option = '', nic = '', ...rest] = wordsOf(text);
  const verb = VERBS[option];
  if (verb === undefined) return [];
  return pairs(rest).flatMap(([word, value]) => {
    const attribute = ethtoolAttribute(verb, word);
    return attribute === undefined ? [] : [{nic, attribute, value}];
  });
};

const LINK_WORDS: Readonly<Record<string, string>> = {mtu: 'mtu', txqueuelen: 'txqueuelen', txqlen: 'txqueuelen'};

/** `dev eth0 up mtu 9000` of `ip link set` and `ifconfig`. */
const linkSettings = (text: string): readonly ToolSetting[] => {
  const words = wordsOf(text).filter((word) => !['up', 'down', 'dev'].includes(word));
  const place = words.findIndex((word, index) => !(word in LINK_WORDS) && !((words[index - 1] ?? '') in LINK_WORDS));
  return words.flatMap((word, index) => {
    const [attribute, value] = [LINK_WORDS[word], words[index + 1]];
    return attribute !== undefined && literal(value) ? [{nic: words[place] ?? '', attribute, value}] : [];
  });
};

/** Files of /sys/class/net/NIC that are attributes of ours, as a regular expression's alternatives. */
export const SYSFS_FILES = 'mtu|tx_queue_len|gro_flush_timeout|napi_defer_hard_irqs|threaded';

export const sysfsAttribute = (file: string): string => (file === 'tx_queue_len' ? 'txqueuelen' : file);

const WRITE = new RegExp(
  [
    String.raw`\b(?:echo|printf)\s+(?:-\S+\s+)*["']?(\d+)["']?\s*(?:>>?|\|\s*(?:sudo\s+)?tee(?:\s+-a)?)\s*["']?`,
    String.raw`/sys/class/net/["']?([^/"']+)["']?/(${SYSFS_FILES})\b`,
  ].join(''),
  'g',
);

/** What the commands of one line of a script set: ethtool, ip link, ifconfig, and writes below /sys/class/net. */
export const commandSettings = (line: string): readonly ToolSetting[] => [
  ...[...line.matchAll(/\bethtool\s+([^;&|]+)/g)].flatMap(([, text = '']) => ethtoolSettings(text)),
  ...[...line.matchAll(/\b(?:ip(?:\s+-\S+)*\s+l[ink]*\s+set|ifconfig)\s+([^;&|]+)/g)].flatMap(([, text = '']) =>
    linkSettings(text),
  ),
  ...[...line.matchAll(WRITE)].map(([, value = '', nic = '', file = '']) => ({
    nic,
    attribute: sysfsAttribute(file),
    value,
  })),
];
