import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import {OWN} from '../../facts/own-files.ts';
import {
  heldNic,
  holdOf,
  identityLine,
  identityOf,
  vectorTemplate,
  type HeldValue,
  type Hold,
  type NicIdentity,
} from '../../resources/hold.ts';
import {ALIVE} from '../run/library-alive.ts';
import {RUNNING} from '../run/library-journal.ts';
import {naturalOrder} from '../natural-order.ts';
import type {Contribution} from './contributions.ts';
import {driverFiles, isDriver} from './driver-files.ts';
import {commentAbove, entryOf, told, withKept, type Entry} from './entries.ts';
import {idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';
import type {ModuleKeys} from './sysctl-files.ts';

type HostValue = Contribution<'host'>;
type NicValue = Contribution<'nic'>;

const HOST_ORDER = ['cpu smt', 'cpu governor', 'cpu max-idle-latency', 'thp', 'hugepages', 'driver'];

// What resets or remakes what comes after it goes first.
const NIC_ORDER =
  'private mtu feature channels ring pause rss coalesce txqueuelen napi_defer_hard_irqs gro_flush_timeout threaded irq'.split(
    ' ',
  );

const rankIn = (order: readonly string[], key: string): number => {
  const place = order.findIndex(
    (prefix) => key === prefix || (/^[ .]/.test(key.slice(prefix.length)) && key.startsWith(prefix)),
  );
  return place < 0 ? order.length : place;
};

const ordered = (entries: readonly Entry[], order: readonly string[]): readonly Entry[] =>
  entries.toSorted((a, b) => rankIn(order, a.key) - rankIn(order, b.key) || naturalOrder(a.key, b.key));

type Values = ReadonlyMap<string, HeldValue>;

const before = ({services}: Facts, values: Values | undefined): readonly Entry[] => {
  const lines = (services.own?.texts[OWN.hold] ?? '').split('\n');
  return [...(values ?? [])].map(([key, {value, line}]) => ({key, value, comment: commentAbove(lines, line)}));
};

type Section = {identity: NicIdentity; entries: readonly Entry[]};

/** Whether a key is of a queue or interrupt that went with the channels; a NIC that is down may show none at all. */
const isGone = (nic: Nic, key: string): boolean => {
  if (!nic.adminUp) return false;
  if (key.startsWith('irq ')) return !nic.irqs.some(({name}) => key === `irq ${vectorTemplate(nic, name)}`);
  const [, direction, queue] = /^([rt]x)-(\d+) /.exec(key) ?? [];
  const queues = direction === 'rx' ? nic.rxQueues : nic.txQueues;
  return direction !== undefined && !queues.some(({index}) => index === Number(queue));
};

/** A planned NIC's values; those that the plan does not mention stay as long as there is something to set. */
const planned = (facts: Facts, hold: Hold, nic: Nic, given: readonly Entry[]): Section => {
  const there = before(facts, heldNic(hold, nic, facts.nics)?.values).filter(({key}) => !isGone(nic, key));
  return {identity: identityOf(nic), entries: ordered(withKept(given, there), NIC_ORDER)};
};

/** The NICs' parts of the hold file. Those that this plan is not for (down, or unplugged) stay as they are. */
const sectionsOf = (facts: Facts, values: readonly NicValue[], nics: readonly Nic[]): readonly Section[] => {
  const hold = holdOf(facts);
  const byNic = Map.groupBy(values, ({lasting}) => lasting.nic);
  const replaced = new Set(nics.map((nic) => heldNic(hold, nic, facts.nics)));
  return [
    ...nics.map((nic) => planned(facts, hold, nic, (byNic.get(nic.name) ?? []).map(entryOf))),
    ...hold.nics
      .filter((one) => !replaced.has(one))
      .map(({identity, values: kept}) => ({identity, entries: before(facts, kept)})),
  ].filter(({entries}) => entries.length > 0);
};

const unit = (templates: FileTemplates, path: string, why: string, words: object = {}): LastingFile => ({
  path,
  text: rendered(templates, path.slice(path.lastIndexOf('/') + 1), {...words}),
  mode: 0o644,
  carries: [],
  why,
});

const present = ({services}: Facts, name: string): boolean => services.services.some((one) => one.name === name);

const willRun = ({services}: Facts, name: string): boolean =>
  services.services.some((one) => one.name === name && (one.active || one.enabled === true));

const hooks = (facts: Facts, templates: FileTemplates): readonly LastingFile[] => {
  const why = 'sets interrupts and queues again after a link came up';
  const files: LastingFile[] = [];
  if (willRun(facts, 'systemd-networkd')) files.push(unit(templates, OWN.upPath, why));
  const hook = (path: string, name: string): LastingFile => ({
    path,
    text: rendered(templates, name, {}),
    mode: 0o755,
    carries: [],
    why,
  });
  if (present(facts, 'NetworkManager')) files.push(hook(OWN.networkManagerHook, 'dispatcher'));
  const {files: others} = facts.services;
  if (present(facts, 'networking') || others.some(({path}) => path.startsWith('/etc/network/interfaces')))
    files.push(hook(OWN.ifupdownHook, 'if-up'));
  return files;
};

const udevRules = (
  templates: FileTemplates,
  sections: readonly Section[],
  modules: readonly ModuleKeys[],
): readonly LastingFile[] => {
  if (sections.length === 0 && modules.length === 0) return [];
  const nics = sections.map(({identity: {name, pci, mac}}) => ({name, pci: pci ?? null, mac}));
  return [
    {
      path: OWN.udevRules,
      text: rendered(templates, 'udev.rules', {nics, modules}),
      mode: 0o644,
      carries: [],
      why: 'starts what sets a value when its NIC or module appears',
    },
  ];
};

/** The script that reads the hold file, and the units that run it. */
const units = (
  facts: Facts,
  templates: FileTemplates,
  needed: {host: boolean; nics: boolean},
): readonly LastingFile[] => {
  const words = {runs: RUNNING, alive: ALIVE};
  const script = {...unit(templates, OWN.holdScript, `sets what ${OWN.hold} says`, words), mode: 0o755};
  const host = [unit(templates, OWN.hostUnit, 'sets values of the host at boot')];
  const nics = [
    unit(templates, OWN.nicUnit, 'sets a NIC’s values when it appears'),
    unit(templates, OWN.upUnit, 'sets interrupts and queues again after links came up'),
    ...hooks(facts, templates),
  ];
  return [script, ...(needed.host ? host : []), ...(needed.nics ? nics : [])];
};

export type HeldValues = {
  host: readonly HostValue[];
  nics: readonly NicValue[];
  /** The NICs that the plan is for. */
  planned: readonly Nic[];
  modules: readonly ModuleKeys[];
};

/** The hold file with its script, units, rules and hooks; none of them where no value needs them. */
export const holdFiles = (facts: Facts, templates: FileTemplates, given: HeldValues): readonly LastingFile[] => {
  const sections = sectionsOf(facts, given.nics, given.planned);
  const host = ordered(withKept(given.host.map(entryOf), before(facts, holdOf(facts).host)), HOST_ORDER);
  const rules = udevRules(templates, sections, given.modules);
  if (sections.length === 0 && host.length === 0) return rules;
  const nics = sections.map(({identity, entries}) => ({line: identityLine(identity), values: told(entries)}));
  const hold: LastingFile = {
    path: OWN.hold,
    text: rendered(templates, 'hold.conf', {host: told(host), nics}),
    mode: 0o644,
    carries: idsOf([...given.host, ...given.nics]),
    why: `values that ${OWN.holdScript} sets at boot, when a NIC appears and after links came up`,
  };
  const needed = {host: !host.every(isDriver), nics: nics.length > 0};
  return [
    hold,
    ...(needed.host || needed.nics ? units(facts, templates, needed) : []),
    ...driverFiles(templates, host),
    ...rules,
  ];
};
