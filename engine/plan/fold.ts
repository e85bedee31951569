import type {Cpu} from '../facts/cpu.ts';
import {parseCpuList, type Cpus} from '../model/cpulist.ts';
import {parseCpuMask} from '../model/cpumask.ts';
import {printableLine} from '../model/printable.ts';
import type {Boot, Effect, Held, Setting, SettingId} from '../model/setting.ts';
import {kindOf} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import {describeSetting} from './describe.ts';
import {spreadText} from './spread.ts';

/** One line of a diff: one setting, or many of a NIC's queues and interrupts that say the same thing. */
export type Row = {
  /** The NIC it belongs to; the empty text for the host itself. */
  subject: string;
  topic: string;
  label: string;
  live: string;
  boot: string;
  want: string;
  pending: readonly ('live' | 'boot')[];
  effect: Effect;
  management: boolean;
  /** The folded settings, at least one. */
  settings: readonly Setting[];
};

/** A setting's value as a person reads it: in its kind's short form, and on one line. */
export const shownValue = (id: SettingId, value: string): string => {
  const text = kindOf(splitId(id).kind)?.shown?.(value) ?? value;
  return text.includes('\n') ? printableLine(text) : text;
};

/** What a setting holds, as a person reads it. */
export const heldText = (id: SettingId, held: Held): string => {
  if (held === 'absent') return 'absent';
  if (held === 'unsupported') return 'unsupported';
  return 'value' in held ? shownValue(id, held.value) : 'unreadable';
};

/** What a setting will hold after a reboot, as a person reads it. */
export const bootText = (id: SettingId, boot: Boot): string =>
  boot.held === 'default' ? 'default' : heldText(id, boot.held);

const EFFECTS: readonly Effect[] = ['live', 'link-flap', 'restart', 'reboot'];

/** What carrying out a setting's pending changes disturbs: writing a file that makes a value last flaps no link. */
export const effectOf = (setting: Setting): Effect =>
  setting.pending.includes('live') || setting.effect === 'reboot' ? setting.effect : 'live';

const worst = (settings: readonly Setting[]): Effect =>
  EFFECTS[Math.max(...settings.map((setting) => EFFECTS.indexOf(effectOf(setting))))] ?? 'live';

type Family = {key: string; label: (count: number) => string; parse: (text: string) => Cpus | undefined};

const QUEUE_FAMILIES: Readonly<Record<string, {what: string; parse?: (text: string) => Cpus | undefined}>> = {
  rps: {what: 'rx queue RPS', parse: parseCpuMask},
  rfs: {what: 'rx queue RFS entries'},
  xps: {what: 'tx queue XPS', parse: parseCpuMask},
};

const plural = (count: number, what: string): string => (count === 1 ? what : `${String(count)} ${what}s`);

/** Which settings of a NIC fold into one row: its queue IRQs, its other IRQs, each queue attribute. */
const familyOf = (id: string): Family | undefined => {
  const [kind, nic = '', part = '', attribute = ''] = id.split(' ');
  if (kind === 'irq') {
    const other = part.startsWith('other');
    return {
      key: `irq ${nic} ${String(other)}`,
      label: (count) => plural(count, other ? 'other IRQ' : 'queue IRQ'),
      parse: parseCpuList,
    };
  }
  const family = kind === 'queue' ? QUEUE_FAMILIES[attribute] : undefined;
  if (family === undefined) return undefined;
  const [first = '', ...rest] = family.what.split(' queue ');
  return {
    key: `queue ${nic} ${attribute}`,
    label: (count) =>
      count === 1 ? `${part} ${rest.join(' ')}` : `${String(count)} ${first} queues ${rest.join(' ')}`,
    parse: family.parse ?? (() => undefined),
  };
};

const summary = (texts: readonly string[], family: Family, cpu: Pick<Cpu, 'threads'> | undefined): string => {
  const [first = ''] = texts;
  const sets = texts.map((text) => family.parse(text));
  const known = sets.filter((set) => set !== undefined);
  if (known.length === sets.length) return spreadText(known, cpu);
  if (new Set(texts).size === 1) return first;
  return `${String(new Set(texts).size)} different values`;
};

/** Texts of queues or vectors of which some are there only once the channels have grown: `all on CPU 0; 8 to come`. */
const summaryOfPresent = (
  items: readonly {text: string; present: boolean}[],
  family: Family,
  cpu: Pick<Cpu, 'threads'> | undefined,
): string => {
  const texts = items.map(({text}) => text);
  const there = items.filter(({present}) => present).map(({text}) => text);
  if (there.length === 0 || there.length === items.length || new Set(texts).size === 1)
    return summary(texts, family, cpu);
  return `${summary(there, family, cpu)}; ${String(items.length - there.length)} to come`;
};

const single = (setting: Setting): Row => {
  const {topic, subject, label} = describeSetting(setting.id);
  return {
    subject,
    topic,
    label,
    live: heldText(setting.id, setting.live),
    boot: bootText(setting.id, setting.boot),
    want: shownValue(setting.id, setting.want),
    pending: setting.pending,
    effect: effectOf(setting),
    management: setting.management ?? false,
    settings: [setting],
  };
};

const folded = (
  family: Family,
  settings: readonly Setting[],
  cpu: Pick<Cpu, 'threads'> | undefined,
): Row | undefined => {
  const [first] = settings;
  if (first === undefined) return undefined;
  const isThere = ({live, boot: {held}}: Setting): boolean =>
    live !== 'absent' || (typeof held === 'object' && 'value' in held);
  const live = settings.map(({id, live: held}) => ({text: heldText(id, held), present: held !== 'absent'}));
  const boot = settings.map((setting) => ({text: bootText(setting.id, setting.boot), present: isThere(setting)}));
  return {
    ...single(first),
    label: family.label(settings.length),
    live: summaryOfPresent(live, family, cpu),
    boot: summaryOfPresent(boot, family, cpu),
    want: summary(
      settings.map(({want}) => want),
      family,
      cpu,
    ),
    pending: (['live', 'boot'] as const).filter((layer) => settings.some((setting) => setting.pending.includes(layer))),
    effect: worst(settings),
    settings,
  };
};

/**
 * Settings in the order given, as rows: equal-minded queue and IRQ settings of one NIC become one row that tells their
 * spread in words (`32 queue IRQs: all on CPU 0 → one per core on node 1 (CPUs 16-31)`).
 */
export const foldSettings = (settings: readonly Setting[], cpu?: Pick<Cpu, 'threads'>): readonly Row[] => {
  const families = new Map<string, {family: Family; settings: Setting[]}>();
  const slots: (Setting | string)[] = [];
  for (const setting of settings) {
    const family = familyOf(setting.id);
    if (family === undefined) {
      slots.push(setting);
      continue;
    }
    const open = families.get(family.key);
    if (open) open.settings.push(setting);
    else {
      families.set(family.key, {family, settings: [setting]});
      slots.push(family.key);
    }
  }
  return slots.flatMap((slot) => {
    if (typeof slot !== 'string') return [single(slot)];
    const found = families.get(slot);
    const row = found && folded(found.family, found.settings, cpu);
    return row ? [row] : [];
  });
};
