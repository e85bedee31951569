import {OWN} from '../facts/own-files.ts';
import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {irqOf, splitId} from './lookup.ts';

/** By what a NIC is known again after a reboot, a renaming or a move to another slot. */
export type NicIdentity = {name: string; driver: string; pci?: string; mac: string};

/** A value of the hold file, with its line number. */
export type HeldValue = {value: string; line: number};

/** The hold file: values by key for the host, and for each NIC. */
export type Hold = {
  host: ReadonlyMap<string, HeldValue>;
  nics: readonly {identity: NicIdentity; values: ReadonlyMap<string, HeldValue>}[];
};

export const identityOf = (nic: Nic): NicIdentity => ({
  name: nic.name,
  driver: nic.driver,
  ...(nic.pci === undefined ? {} : {pci: nic.pci.address}),
  mac: (nic.permanentMac ?? nic.mac).toLowerCase(),
});

/** `nic ens1f0 driver=ice pci=0000:3b:00.0 mac=02:…`, the line that begins a NIC's values. */
export const identityLine = ({name, driver, pci, mac}: NicIdentity): string =>
  ['nic', name, `driver=${driver}`, ...(pci === undefined ? [] : [`pci=${pci}`]), `mac=${mac}`].join(' ');

const readIdentity = (line: string): NicIdentity => {
  const [, name = '', ...rest] = line.split(' ');
  const word = (key: string): string | undefined =>
    rest.find((part) => part.startsWith(`${key}=`))?.slice(key.length + 1);
  const pci = word('pci');
  return {name, driver: word('driver') ?? '', ...(pci === undefined ? {} : {pci}), mac: word('mac') ?? ''};
};

/** Reads the hold file: `host`, `nic …` and `key = value` lines; the last of two equal keys counts. */
export const parseHold = (text: string): Hold => {
  const host = new Map<string, HeldValue>();
  const nics: {identity: NicIdentity; values: Map<string, HeldValue>}[] = [];
  let current = host;
  for (const [index, line] of text.split('\n').entries()) {
    const equals = line.indexOf(' = ');
    if (line === 'host') current = host;
    else if (line.startsWith('nic ')) {
      current = new Map();
      nics.push({identity: readIdentity(line), values: current});
    } else if (equals > 0 && !line.startsWith('#'))
      current.set(line.slice(0, equals), {value: line.slice(equals + 3), line: index + 1});
  }
  return {host, nics};
};

// Plans ask for thousands of values of one text.
const read = new WeakMap<object, Hold>();

/** What this host's hold file holds; empty where there is none. */
export const holdOf = ({services}: Facts): Hold => {
  const {own} = services;
  if (own === undefined) return {host: new Map(), nics: []};
  const hold = read.get(own) ?? parseHold(own.texts[OWN.hold] ?? '');
  read.set(own, hold);
  return hold;
};

/**
 * The NIC's part of a hold file: of those for its driver the one with its MAC and PCI function (members of a bond may show
 * one MAC), else with its MAC, else with its PCI function where that has one interface only (a VF gets a new MAC at every
 * boot). `hold.sh` decides in the same way.
 */
export const heldNic = (hold: Hold, nic: Nic, nics: readonly Nic[]): Hold['nics'][number] | undefined => {
  const own = identityOf(nic);
  const alike = hold.nics.filter(({identity}) => identity.driver === own.driver);
  const alone = nics.filter(({pci}) => pci !== undefined && pci.address === own.pci).length === 1;
  return (
    alike.findLast(({identity}) => identity.mac === own.mac && identity.pci === own.pci) ??
    alike.findLast(({identity}) => identity.mac === own.mac) ??
    (alone ? alike.findLast(({identity}) => identity.pci === own.pci) : undefined)
  );
};

/**
 * A vector's name with what another boot may change taken out: `%n` the interface, `%v` the virtio device, `%p` the PCI
 * function.
 */
export const vectorTemplate = (nic: Nic, irqName: string): string => {
  const pci = nic.pci?.address;
  const located = pci === undefined ? irqName : irqName.replaceAll(pci, '%p');
  const virtio = /\/(virtio\d+)$/.exec(nic.devicePath ?? '')?.[1];
  if (virtio !== undefined) return located.replace(new RegExp(`^${virtio}(?=-)`), '%v');
  const start = located.indexOf(nic.name);
  const [before, after] = [located[start - 1] ?? '-', located[start + nic.name.length] ?? '-'];
  if (start < 0 || /\w/.test(before + after)) return located;
  return `${located.slice(0, start)}%n${located.slice(start + nic.name.length)}`;
};

const NIC_KEY: Readonly<Record<string, (facts: Facts, nic: Nic, rest: string) => string | undefined>> = {
  nic: (_facts, _nic, rest) => rest,
  rss: () => 'rss',
  queue: (_facts, _nic, rest) => rest,
  irq: (facts, nic, rest) => {
    const irq = irqOf(facts, nic.name, rest);
    return irq && `irq ${vectorTemplate(nic, irq.name)}`;
  },
};

const HOST_KINDS = new Set(['cpu', 'thp', 'hugepages']);

/** Where a setting stands in the hold file: its NIC, if it has one, and its key. Undefined: it cannot stand there. */
export const holdKey = (facts: Facts, id: string): {nic?: Nic; key: string} | undefined => {
  const {kind, rest} = splitId(id);
  if (HOST_KINDS.has(kind)) return {key: id};
  const [name = '', ...parts] = rest.split(' ');
  const nic = facts.nics.find((one) => one.name === name);
  const key = nic && NIC_KEY[kind]?.(facts, nic, parts.join(' '));
  return nic === undefined || key === undefined ? undefined : {nic, key};
};
