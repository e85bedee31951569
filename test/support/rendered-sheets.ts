import type {Facts} from '../../engine/facts/facts.ts';
import type {Nic} from '../../engine/facts/nic.ts';
import type {SheetEntry, Sheets} from '../../engine/plan/sheet.ts';
import {exampleFacts, exampleMachine, exampleNic} from './facts.ts';

export const WORKLOADS = ['balanced', 'connections', 'forwarding', 'kernel-bypass', 'latency', 'throughput'] as const;

const counter = (first: number, last: number) => ({first, last});

const plain = exampleFacts();

const busy = (facts: Facts): Facts => ({
  ...facts,
  evidence: {
    ...facts.evidence,
    softnet: {processed: counter(1, 9), dropped: counter(1, 2), timeSqueeze: counter(3, 9)},
    listenOverflows: counter(3, 4),
    conntrack: {count: 60_000, max: 65_536},
    nics: {ens1f0: {rx_missed_errors: counter(5, 9), rx_dropped: counter(1, 2)}},
  },
});

const SYSCTLS: Facts['sysctls'] = {
  live: {
    'net/core/default_qdisc': {value: 'pfifo_fast'},
    'net/ipv4/conf/all/rp_filter': {value: '1'},
    'net/ipv4/ip_local_port_range': {value: '32768 60999'},
    'net/ipv4/tcp_fin_timeout': {value: '60'},
    'net/ipv4/tcp_keepalive_time': {value: '7200'},
    'net/netfilter/nf_conntrack_max': {value: '65536'},
    'vm/swappiness': {value: '60'},
  },
  configured: [],
};

/** A NIC whose driver answers nothing. */
const silent: Partial<Nic> = {
  rings: {unknown: 'Operation not supported'},
  channels: {unknown: 'Operation not supported'},
  coalesce: {unknown: 'Operation not supported'},
  rxQueues: [],
  txQueues: [],
  irqs: [],
};

const withNic = (facts: Facts, shape: Parameters<typeof exampleNic>[0]): Facts => ({
  ...facts,
  nics: [exampleNic(shape)],
});
const {speedMbps: _speed, ...unknownSpeed} = exampleNic(silent);

/** Hosts of many kinds, each with one NIC: what sheets are rendered on in tests. */
export const HOSTS: Readonly<Record<string, Facts>> = {
  plain: {...plain, sysctls: SYSCTLS},
  busy: busy({...plain, sysctls: SYSCTLS, modules: {...plain.modules, loaded: ['nf_conntrack']}}),
  'one CPU, one queue': withNic(
    {...plain, ...exampleMachine({coresPerSocket: 1, memoryKb: 900_000}), sysctls: {live: {}, configured: []}},
    {queues: 1, maxQueues: 1, speedMbps: 1000},
  ),
  '512 CPUs, 8 nodes': withNic(
    {...plain, ...exampleMachine({sockets: 8, coresPerSocket: 32, threadsPerCore: 2, memoryKb: 256 * 1_048_576})},
    {queues: 64, node: 3, mtu: 9000},
  ),
  'unknown rings, no NUMA': {
    ...plain,
    numa: {memoryKb: 4 * 1_048_576, nodes: [], hugepages: []},
    nics: [unknownSpeed],
  },
  'a guest on EC2': withNic(
    {...plain, platform: {...plain.platform, virtualisation: 'amazon', cloud: 'ec2'}},
    {driver: 'ena', kind: 'virtual-function', mtu: 9001},
  ),
  'a guest on Azure': {
    ...plain,
    sysctls: SYSCTLS,
    platform: {...plain.platform, virtualisation: 'microsoft', cloud: 'azure'},
  },
  'an old kernel': {
    ...busy(plain),
    os: {...plain.os, kernel: '3.10.0-1160.el7.x86_64'},
    modules: {...plain.modules, loaded: ['nf_conntrack']},
  },
  'an Intel machine of two nodes': withNic(
    {...plain, ...intel(exampleMachine({sockets: 2, coresPerSocket: 8, threadsPerCore: 2}))},
    {queues: 16, node: 1},
  ),
  'a port with pause frames': withNic(plain, {driver: 'ixgbe', pause: {autonegotiate: true, rx: true, tx: true}}),
  'irqbalance runs': {...plain, services: {...plain.services, services: [{name: 'irqbalance', active: true}]}},
};

function intel(machine: ReturnType<typeof exampleMachine>): ReturnType<typeof exampleMachine> {
  return {...machine, cpu: {...machine.cpu, model: 'Intel(R) Xeon(R) Gold 6338'}};
}

/** One entry, and on what it was rendered. */
export type Rendered = {entry: SheetEntry; sheet: string; workload: string; host: string};

/** Every sheet on every host for every workload: the host-wide entries, and those of the host's NIC. */
export const renderAll = (sheets: Sheets): Rendered[] =>
  Object.entries(HOSTS).flatMap(([host, facts]) =>
    WORKLOADS.flatMap((workload) => {
      const sheet = sheets.workloads.get(workload);
      const tag = (id: string) => (entry: SheetEntry) => ({entry, sheet: id, workload, host});
      return [
        ...(sheet?.render({facts, workload}) ?? []).map(tag(workload)),
        ...facts.nics.flatMap((nic) => [
          ...(sheet?.render({facts, workload, nic}) ?? []).map(tag(workload)),
          ...[...sheets.nics].flatMap(([id, one]) => one.render({facts, workload, nic}).map(tag(id))),
        ]),
      ];
    }),
  );
