import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import type {Origin} from '../model/setting.ts';
import {splitId} from '../resources/lookup.ts';
import {applies} from './applies.ts';
import type {Address} from './inventory-address.ts';
import {requestOf, type Request} from './request.ts';
import type {SheetEntry, Sheets} from './sheet.ts';
import {takeOverRequests} from './take-over.ts';
import type {PlanVariables} from './variables.ts';

/** What all layers ask, not yet resolved; ids of topology rules are `rule NIC RULE`. */
export type Asked = {facts: Facts; workload: string; sheets: Sheets; variables: PlanVariables; nics: readonly Nic[]};

const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );

/** `hugepages each 2048kB` for every node with memory, a sysctl glob for every key that is there. */
const hostIds = (facts: Facts, address: string): readonly string[] => {
  const {kind, rest} = splitId(address);
  if (kind === 'hugepages' && rest.startsWith('each ')) {
    const nodes = facts.numa.nodes.filter((node) => node.memoryKb > 0);
    return nodes.map(({node}) => `hugepages ${String(node)} ${rest.slice('each '.length)}`);
  }
  if (kind !== 'sysctl' || !/[*?]/.test(rest)) return [address];
  const pattern = globPattern(rest);
  const keys = Object.keys(facts.sysctls.live).filter((key) => pattern.test(key));
  return keys.sort().map((key) => `sysctl ${key}`);
};

/** `nic ring.rx` and `rule irq` as the ids they have on one NIC. */
const nicIds = (nic: Nic, kind: string, attribute: string): readonly string[] =>
  attribute.startsWith('bql.')
    ? nic.txQueues.map(({index}) => `queue ${nic.name} tx-${String(index)} ${attribute}`)
    : [`${kind} ${nic.name} ${attribute}`];

const nicRequests = (entries: readonly SheetEntry[], nic: Nic, layer: Origin['layer']): Request[] =>
  entries.flatMap((entry) => {
    const {kind, rest} = splitId(entry.set);
    return nicIds(nic, kind, rest).map((id) => requestOf(entry, id, layer));
  });

const fromSheets = ({facts, workload, sheets, nics}: Asked): readonly Request[] => {
  const sheet = sheets.workloads.get(workload);
  const host = sheet?.render({facts, workload}) ?? [];
  const all = [
    ...host.flatMap((entry) => hostIds(facts, entry.set).map((id) => requestOf(entry, id, 'workload'))),
    ...nics.flatMap((nic) => nicRequests(sheet?.render({facts, workload, nic}) ?? [], nic, 'workload')),
    ...nics.flatMap((nic) =>
      nicRequests(sheets.nics.get(nic.driver)?.render({facts, workload, nic}) ?? [], nic, 'nic'),
    ),
  ];
  return all.filter((request) => applies(facts, request));
};

/** The settings that an address means on this host, for these NICs. */
export const idsOfAddress = (facts: Facts, nics: readonly Nic[], address: Address): readonly string[] => {
  if (address.scope === 'host') return hostIds(facts, address.id);
  if (address.scope === 'nic-setting') return [address.id];
  if (address.scope === 'each-nic') return nics.flatMap((nic) => nicIds(nic, address.kind, address.attribute));
  const nic = nics.find(({name}) => name === address.nic);
  return nic ? nicIds(nic, address.kind, address.attribute) : [`${address.kind} ${address.nic} ${address.attribute}`];
};

const fromInventory = (asked: Asked): readonly Request[] =>
  asked.variables.settings.flatMap((setting) =>
    idsOfAddress(asked.facts, asked.nics, setting.address).map((id): Request => ({
      id,
      operation: setting.operation === 'leave' ? 'to' : setting.operation,
      value: setting.operation === 'leave' ? LEAVE : setting.value,
      why: 'the inventory asks for it',
      source: setting.at,
      from: {layer: 'inventory', at: setting.at},
      specific: setting.address.scope !== 'each-nic',
    })),
  );

/** The value of a request that takes its setting out of the plan. */
export const LEAVE = 'leave';

/** All that sheets and inventory ask of this host. Throws a `Fault` where a sheet is wrong. */
export const gatherRequests = (asked: Asked): readonly Request[] => [
  ...fromSheets(asked),
  ...fromInventory(asked),
  ...takeOverRequests(asked.facts, asked.variables),
];
