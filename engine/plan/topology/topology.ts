import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Cpus} from '../../model/cpulist.ts';
import type {Finding, Held} from '../../model/setting.ts';
import {decide} from '../decide.ts';
import {disruptionOf} from '../disruption.ts';
import type {Request} from '../request.ts';
import type {PlanVariables} from '../variables.ts';
import {roundUpToPowerOfTwo} from '../../resources/values.ts';
import {channelsByRule, queuesWanted, type ChannelWants} from './channels.ts';
import {topologyFindings} from './findings.ts';
import {irqbalanceRequests} from './irqbalance.ts';
import {machineOf, type Machine} from './machine.ts';
import {
  irqRequests,
  rfsRequests,
  rpsRequests,
  rssRequests,
  topologyOf,
  xpsRequests,
  type NicTopology,
} from './queues.ts';
import {ruled, rulesOf, type Rules} from './rules.ts';
import {settled} from '../wanted.ts';

const CHANNELS = ['channels.combined', 'channels.rx', 'channels.tx'] as const;

/** What becomes of a request for channels; nothing where it is refused, as the NIC then keeps its queues. */
const granted = (facts: Facts, attribute: string, request: Request): [attribute: string, count: number][] => {
  const decision = decide(facts, request, new Map());
  if (!decision || !('setting' in decision) || disruptionOf(facts, decision.setting)) return [];
  const want = Number(decision.setting.want);
  return Number.isInteger(want) && want > 0 ? [[attribute, want]] : [];
};

/** Channels as asked for outright, which beats the rule, or as the rule makes them. */
const channelWants = (
  facts: Facts,
  machine: Machine,
  nic: Nic,
  rules: Rules,
  winners: ReadonlyMap<string, Request>,
): {wants: ChannelWants; requests: readonly Request[]} => {
  const outright = CHANNELS.flatMap((attribute) => {
    const request = winners.get(`nic ${nic.name} ${attribute}`);
    return request ? [{attribute, request}] : [];
  });
  const rule = outright.length > 0 ? undefined : rules.channels;
  const made = Object.entries(rule ? channelsByRule(machine, nic, rule.value) : {}).flatMap(([attribute, count]) =>
    rule ? [{attribute, request: ruled(rule, 'channels', `nic ${nic.name} ${attribute}`, String(count))}] : [],
  );
  const wants = [...outright, ...made].flatMap(({attribute, request}) => granted(facts, attribute, request));
  return {wants: Object.fromEntries(wants), requests: made.map(({request}) => request)};
};

const FLOW_TABLE = 'sysctl net/core/rps_sock_flow_entries';

const numberHeld = (held: Held | undefined): number =>
  typeof held === 'object' && 'value' in held && /^\d+$/.test(held.value) ? Number(held.value) : 0;

/**
 * The size of the kernel's flow table: as an inventory asks outright, else for the flows that it expects, else as a sheet asks
 * outright, else the largest rule's.
 */
const flowEntries = (
  facts: Facts,
  machine: Machine,
  topologies: readonly NicTopology[],
  winners: ReadonlyMap<string, Request>,
  variables: PlanVariables,
): {entries: number; requests: readonly Request[]} => {
  const outright = winners.get(FLOW_TABLE);
  const live = numberHeld(facts.sysctls.live['net/core/rps_sock_flow_entries']);
  const stands = variables.activeFlows === undefined || outright?.from.layer === 'inventory';
  if (outright && stands && /^\d+$/.test(outright.value)) {
    return {entries: Number(settled(outright.operation, outright.value, String(live))), requests: []};
  }
  const rules = topologies.flatMap(({rules}) => (rules.rfs && rules.rfs.value !== 'off' ? [rules.rfs] : []));
  const [largest] = rules.sort((a, b) => Number(b.value) - Number(a.value) || (a.from.at < b.from.at ? -1 : 1));
  if (!largest || machine.online.length < 2) return {entries: live, requests: []};
  const asked = roundUpToPowerOfTwo(variables.activeFlows ?? Number(largest.value));
  return {
    entries: Math.max(live, asked),
    requests: [ruled(largest, 'rfs', FLOW_TABLE, String(asked), 'atLeast')],
  };
};

export type TopologyPlan = {requests: readonly Request[]; findings: readonly Finding[]};

/**
 * Channels, interrupts, RSS, RPS, RFS and XPS of every NIC by the rules that won for it. Queue settings are for the
 * channels that will be; CPUs set aside (reserved, or isolated from the next boot on) take no interrupt.
 */
export const planTopology = (
  facts: Facts,
  nics: readonly Nic[],
  winners: ReadonlyMap<string, Request>,
  setAside: Cpus,
  variables: PlanVariables,
): TopologyPlan => {
  const machine = machineOf(facts, setAside);
  const channelRequests: Request[] = [];
  const topologies = nics.map((nic) => {
    const rules = rulesOf(winners, nic);
    const {wants, requests} = channelWants(facts, machine, nic, rules, winners);
    channelRequests.push(...requests);
    return topologyOf(machine, nic, rules, queuesWanted(nic, wants));
  });
  const flows = flowEntries(facts, machine, topologies, winners, variables);
  const requests = topologies.flatMap((topology) => [
    ...rssRequests(topology),
    ...irqRequests(facts, machine, topology),
    ...rpsRequests(machine, topology),
    ...rfsRequests(machine, topology, flows.entries),
    ...xpsRequests(machine, topology),
  ]);
  return {
    requests: [...channelRequests, ...flows.requests, ...requests, ...irqbalanceRequests(facts, topologies)],
    findings: topologyFindings(machine, topologies),
  };
};
