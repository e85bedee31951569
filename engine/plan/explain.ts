import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import type {Block, Boot, Finding, Held, Plan, Setting} from '../model/setting.ts';
import {kindOf} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import {addressHint, parseAddress, type Address} from './inventory-address.ts';
import {naturalOrder} from './natural-order.ts';
import {isDevice} from './plan-nics.ts';
import type {Folklore, SettingKnowledge, SheetEntry, Sheets} from './sheet.ts';

/** What one workload's sheet, or a NIC's own sheet under it, asks for. */
export type Wish = {
  workload: string;
  /** Set when the wish is of one NIC. */
  nic?: string;
  layer: 'workload' | 'nic';
  entry: SheetEntry;
};

/** What an entry asks for, in words: `at least 4096, at most 8192`. */
export const wishText = ({to, atLeast, noMoreThan, insteadOf, atMost, seen}: SheetEntry): string => {
  const value =
    atLeast !== undefined ? `at least ${atLeast}` : noMoreThan !== undefined ? `no more than ${noMoreThan}` : to;
  return [
    `${value ?? ''}${insteadOf === undefined ? '' : ` instead of ${insteadOf.join(' or ')}`}`,
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(seen === false ? ['once its counters ask for it'] : []),
  ].join(', ');
};

/** One setting as it stands on a host, whether or not the plan has it. */
export type Standing = {
  id: string;
  live: Held;
  boot: Boot;
  setting?: Setting;
  block?: Block;
  findings: readonly Finding[];
};

/** All that can be told of an address. */
export type Explanation = {
  /** Its one form: `sysctl net/core/somaxconn`, `nic ring.rx`. */
  address: string;
  knowledge?: SettingKnowledge;
  /** Values that hurt, or that nobody should set. */
  folklore: readonly Folklore[];
  /** What every workload asks for on this host; empty without a host. */
  wishes: readonly Wish[];
  /** The settings that it means on this host (one for each NIC for `nic ring.rx`); empty without a host. */
  standings: readonly Standing[];
};

/** A host to explain a setting on. */
export type ExplainedHost = {facts: Facts; plan: Plan};

/** The address as sheets write it, which is how knowledge and folklore are filed. */
const sheetForm = (address: Address): string => {
  if (address.scope === 'host') return address.id;
  if (address.scope !== 'nic-setting') return `${address.kind} ${address.attribute}`;
  const {kind, rest} = splitId(address.id);
  if (kind === 'queue')
    return rest.includes(' bql.') ? `nic ${rest.split(' ')[2] ?? ''}` : `rule ${rest.split(' ')[2] ?? ''}`;
  return `rule ${kind}`;
};

// What is the same for every interface or node is filed once: `net/ipv4/conf/*/rp_filter`, `hugepages each 2048kB`.
const filed = <T extends {set: string}>(rows: readonly T[], form: string): readonly T[] => {
  const generic = form.replace(/^hugepages \S+/, 'hugepages each').replace(/(\/(?:conf|neigh)\/)[^/]+(?=\/)/, '$1*');
  const exact = rows.filter(({set}) => set === form);
  return exact.length > 0 ? exact : rows.filter(({set}) => set === generic);
};

const nicsOf = (facts: Facts, address: Address): readonly Nic[] =>
  facts.nics
    .filter((nic) => isDevice(nic) && (address.scope !== 'nic' || nic.name === address.nic))
    .sort((a, b) => naturalOrder(a.name, b.name));

const wishesOf = (facts: Facts, sheets: Sheets, address: Address, form: string): readonly Wish[] => {
  const matching = (entries: readonly SheetEntry[]): readonly SheetEntry[] =>
    entries.filter(({set}) => filed([{set}], form).length > 0);
  const wishes: Wish[] = [];
  for (const [workload, sheet] of [...sheets.workloads].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const host = matching(sheet.render({facts, workload}));
    wishes.push(...host.map((entry): Wish => ({workload, layer: 'workload', entry})));
    if (address.scope === 'host') continue;
    for (const nic of nicsOf(facts, address)) {
      const context = {facts, workload, nic};
      const [own, general] = [
        matching(sheets.nics.get(nic.driver)?.render(context) ?? []),
        matching(sheet.render(context)),
      ];
      wishes.push(...general.map((entry): Wish => ({workload, nic: nic.name, layer: 'workload', entry})));
      wishes.push(...own.map((entry): Wish => ({workload, nic: nic.name, layer: 'nic', entry})));
    }
  }
  return wishes;
};

/** Ids that an address means on a host: its own, or one for each NIC; for a rule the settings that it makes. */
const idsOf = ({facts, plan}: ExplainedHost, address: Address): readonly string[] => {
  if (address.scope === 'host' || address.scope === 'nic-setting') return [address.id];
  if (address.kind === 'nic') return nicsOf(facts, address).map(({name}) => `nic ${name} ${address.attribute}`);
  const names = new Set(nicsOf(facts, address).map(({name}) => name));
  const made = `topology rule ${address.attribute} `;
  return plan.settings
    .filter(({id, from}) => from.at.startsWith(made) && names.has(id.split(' ')[1] ?? ''))
    .map(({id}) => id);
};

const standingOf = ({facts, plan}: ExplainedHost, id: string): Standing => {
  const {kind: name, rest} = splitId(id);
  const kind = kindOf(name);
  const setting = plan.settings.find((one) => one.id === id);
  const block = plan.blocks.find((one) => one.id === id);
  return {
    id,
    live: kind?.live(facts, rest) ?? 'unsupported',
    boot: kind?.boot(facts, rest) ?? {held: 'default'},
    ...(setting === undefined ? {} : {setting}),
    ...(block === undefined ? {} : {block}),
    findings: plan.findings.filter(({about}) => about === id),
  };
};

/**
 * What a setting is, what it holds and should hold, why, who says so, what it costs, and what not to do with it. `text` is
 * an address as sheets and inventories write it, for one NIC or for all. Throws a `Fault` (`unknown-address`) when it is none.
 */
export const explainSetting = (text: string, sheets: Sheets, host?: ExplainedHost): Explanation => {
  const address = parseAddress(text);
  if (!address) {
    const message = `"${printableLine(text, 100)}" is no address of a setting`;
    throw new Fault({code: 'unknown-address', owner: 'user', message, hint: addressHint(text)});
  }
  const form = sheetForm(address);
  const [knowledge] = filed(sheets.knowledge, form);
  return {
    address: form,
    ...(knowledge === undefined ? {} : {knowledge}),
    folklore: filed(sheets.folklore, form),
    wishes: host ? wishesOf(host.facts, sheets, address, form) : [],
    standings: host ? idsOf(host, address).map((id) => standingOf(host, id)) : [],
  };
};

/** The sysctl keys of an address, so that the probe reads one that no sheet names. */
export const addressSysctls = (text: string): readonly string[] => {
  const address = parseAddress(text);
  return address?.scope === 'host' && address.id.startsWith('sysctl ') ? [address.id.slice('sysctl '.length)] : [];
};
