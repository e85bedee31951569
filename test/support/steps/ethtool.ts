import type {Nic} from '../../../engine/facts/nic.ts';
import {nicIn, type StepHost, type Writable} from './host.ts';
import {resetNic, resizeNic} from './reset.ts';

const pairs = (words: readonly string[]): (readonly [name: string, value: string])[] =>
  Array.from({length: words.length / 2}, (_, index) => [words[index * 2] ?? '', words[index * 2 + 1] ?? ''] as const);

const refuse = (what: string): never => {
  throw new Error(`ethtool: ${what}`);
};

const supported = <T extends object>(fact: T | {unknown: string}): T =>
  'unknown' in fact ? refuse('Operation not supported') : fact;

const RINGS = {
  rx: 'rx',
  tx: 'tx',
  'rx-mini': 'rxMini',
  'rx-jumbo': 'rxJumbo',
  'tx-push-buf-len': 'txPushBufLen',
} as const;

const isOneOf = <K extends string>(names: Readonly<Record<K, unknown>>, name: string): name is K =>
  Object.hasOwn(names, name);

const setRings = (host: StepHost, nic: Writable<Nic>, words: readonly string[]): void => {
  const {now, max} = supported(nic.rings);
  let changed = false;
  for (const [name, value] of pairs(words)) {
    const key = isOneOf(RINGS, name) ? RINGS[name] : refuse(`bad argument ${name}`);
    if (Number(value) > (max[key] ?? 0)) refuse(`${name} ${value} is beyond ${String(max[key])}`);
    changed ||= now[key] !== Number(value);
    now[key] = Number(value);
  }
  if (changed) resetNic(host, nic);
};

const CHANNELS = {rx: 'rx', tx: 'tx', other: 'other', combined: 'combined'} as const;

const spread = (size: number, queues: number): number[] => Array.from({length: size}, (_, slot) => slot % queues);

const setChannels = (host: StepHost, nic: Writable<Nic>, words: readonly string[]): void => {
  const {now, max} = supported(nic.channels);
  const next = {...now};
  for (const [name, value] of pairs(words)) {
    const key = isOneOf(CHANNELS, name) ? CHANNELS[name] : refuse(`bad argument ${name}`);
    if (Number(value) > (max[key] ?? 0)) refuse(`${name} ${value} is beyond ${String(max[key])}`);
    next[key] = Number(value);
  }
  if (JSON.stringify(now) === JSON.stringify(next)) return;
  const [rx, tx] = [(next.combined ?? 0) + (next.rx ?? 0), (next.combined ?? 0) + (next.tx ?? 0)];
  const slots = 'slots' in nic.rss ? nic.rss.slots : [];
  // Even a table of the driver's own: a law asks that no moment has channels below it.
  if (Math.max(-1, ...slots) >= rx) refuse(`the RSS table leads to more than ${String(rx)} queues`);
  Object.assign(now, next);
  if ('slots' in nic.rss && !host.configured.has(nic.name)) nic.rss.slots = spread(slots.length, rx);
  resizeNic(host, nic, rx, tx);
};

// As fill_indir_table of ethtool.c.
const weighted = (size: number, weights: readonly number[]): number[] => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0 || sum > size) refuse('weights');
  const slots: number[] = [];
  let [queue, partial] = [-1, 0];
  while (slots.length < size) {
    while (slots.length >= Math.floor((size * partial) / sum)) partial += weights[++queue] ?? 0;
    slots.push(queue);
  }
  return slots;
};

const setTable = (host: StepHost, nic: Writable<Nic>, [word, ...rest]: readonly string[]): void => {
  const table = supported(nic.rss);
  const {now} = supported(nic.channels);
  const rx = (now.combined ?? 0) + (now.rx ?? 0);
  const numbers = rest.map(Number);
  if (word === 'default') {
    table.slots = spread(table.slots.length, rx);
    host.configured.delete(nic.name);
    return;
  }
  const slots = word === 'equal' ? spread(table.slots.length, numbers[0] ?? 0) : weighted(table.slots.length, numbers);
  if (Math.max(...slots) >= rx) refuse(`-X ${String(word)} ${rest.join(' ')} with ${String(rx)} rx channels`);
  table.slots = slots;
  host.configured.add(nic.name);
};

const setCoalescing = (nic: Writable<Nic>, words: readonly string[]): void => {
  const now = supported(nic.coalesce);
  const asked = new Map(pairs(words));
  for (const [name, value] of asked) {
    if (!(name in now)) refuse(`bad argument ${name}`);
    const fixed = /^([rt]x)-(?:usecs|frames)$/.exec(name);
    const adaptive =
      asked.get(`adaptive-${fixed?.[1] ?? ''}`) ?? (now[`adaptive-${fixed?.[1] ?? ''}`] === true ? 'on' : 'off');
    // ice_set_rc_coalesce refuses a fixed value while its direction is adaptive.
    if (fixed && adaptive === 'on') refuse(`${name} while adaptive`);
    now[name] = typeof now[name] === 'boolean' ? value === 'on' : Number(value);
    // From now on the driver sets the fixed values itself.
    const direction = /^adaptive-([rt]x)$/.exec(name)?.[1];
    if (direction !== undefined && value === 'on') {
      for (const one of [`${direction}-usecs`, `${direction}-frames`]) if (one in now) now[one] = 17;
    }
  }
};

const PARTS: Readonly<Record<string, RegExp>> = {
  'tx-checksumming': /^tx-checksum-/,
  'scatter-gather': /^tx-scatter-gather/,
  'tcp-segmentation-offload': /^tx-tcp.*-segmentation$/,
};

/** Whether the driver remakes its queues for a feature. */
const resets = (driver: string, feature: string): boolean =>
  feature === 'ntuple-filters'
    ? !/^(?:ice|mlx[45]_core|mlx4_en|sfc)$/.test(driver)
    : ['large-receive-offload', 'rx-gro-hw'].includes(feature);

const setFeatures = (host: StepHost, nic: Writable<Nic>, words: readonly string[]): void => {
  const features = supported(nic.features);
  for (const [name, value] of pairs(words)) {
    const parts = Object.keys(features).filter((part) => PARTS[name]?.test(part));
    for (const part of parts.length > 0 ? parts : [name]) {
      const feature = features[part] ?? refuse(`no feature ${part}`);
      if (feature.fixed && parts.length === 0 && feature.on !== (value === 'on')) refuse(`${part} is fixed`);
      if (!feature.fixed && feature.on !== (value === 'on') && resets(nic.driver, part)) resetNic(host, nic);
      if (!feature.fixed) feature.on = value === 'on';
    }
  }
  for (const [whole, pattern] of Object.entries(PARTS)) {
    const feature = features[whole];
    const parts = Object.entries(features).filter(([name]) => pattern.test(name));
    if (feature && parts.length > 0) feature.on = parts.some(([, {on}]) => on);
  }
};

const setFlags = (host: StepHost, nic: Writable<Nic>, words: readonly string[]): void => {
  const flags = supported(nic.privateFlags);
  for (const [name, value] of pairs(words)) {
    if (!(name in flags)) refuse(`no flag ${name}`);
    flags[name] = value === 'on';
  }
  resetNic(host, nic);
};

const setPause = (host: StepHost, nic: Writable<Nic>, words: readonly string[]): void => {
  const pause = supported(nic.pause);
  for (const [name, value] of pairs(words)) {
    if (name === 'autoneg') pause.autonegotiate = value === 'on';
    else if (name === 'rx' || name === 'tx') pause[name] = value === 'on';
    else refuse(`bad argument ${name}`);
  }
  resetNic(host, nic);
};

/** `ethtool VERB NIC WORDS…`, as the kernel takes it. */
export const ethtool = (host: StepHost, [verb, name = '', ...words]: readonly string[]): void => {
  const nic = nicIn(host, name);
  if (verb === '-G') setRings(host, nic, words);
  else if (verb === '-L') setChannels(host, nic, words);
  else if (verb === '-X') setTable(host, nic, words);
  else if (verb === '-C') setCoalescing(nic, words);
  else if (verb === '-K') setFeatures(host, nic, words);
  else if (verb === '--set-priv-flags') setFlags(host, nic, words);
  else if (verb === '-A') setPause(host, nic, words);
  else refuse(`no verb ${String(verb)}`);
};
