import type {Evidence} from '../facts/evidence.ts';
import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {OWN} from '../facts/own-files.ts';
import {known} from '../model/known.ts';
import type {Held} from '../model/setting.ts';
import {argumentOf} from '../resources/kernel-arguments.ts';
import type {SheetContext} from './sheet.ts';
import {packetHugepages, type NodeHugepages} from './sheet-hugepages.ts';
import {onlineCores, packetCpus} from './sheet-isolation.ts';

/** `none`: never since boot; `seen`: some since boot; `growing`: more between the probe's two samples. */
export type Drops = 'none' | 'seen' | 'growing';

/** A number that the NIC does not tell is null. */
type NowAndMax = {now: number | null; max: number | null};

/** What a sheet sees of one NIC. Names and addresses are left out, so that equal NICs render to equal text. */
export type NicView = {
  driver: string;
  virtualFunction: boolean;
  /** Null when unknown. */
  speedMbps: number | null;
  mtu: number;
  /** Receive queues in use. */
  queues: number;
  ring: {rx: NowAndMax; tx: NowAndMax; rxJumbo: NowAndMax};
  channels: {combined: NowAndMax; rx: NowAndMax; tx: NowAndMax};
  /** Frames that the NIC threw away for want of descriptors. */
  drops: Drops;
  /** Pause frames as they are in force; `negotiated` with the neighbour. All false where the NIC does not tell. */
  pause: {rx: boolean; tx: boolean; negotiated: boolean};
};

/**
 * What sheets are rendered with: all fields are always there (a misspelt one is an error), unknown ones are null.
 * Numbers that differ by a hair between equal hosts (memory) are rounded, so that a fleet renders to few texts.
 */
export type SheetView = {
  workload: string;
  /** `x86_64`, `aarch64`. */
  architecture: string;
  /** Runs under a hypervisor. */
  virtual: boolean;
  /** `ec2`, `azure`, `gcp`, `openstack`, `other`; null outside clouds. */
  cloud: string | null;
  /** NUMA nodes that have memory. */
  nodes: number;
  cpu: {online: number; cores: number; vendor: 'intel' | 'amd' | 'other'; packetCpus: string | null};
  /** Whole GiB, rounded down; at least 1. */
  memory: {gib: number};
  /** `size` and `perNode` as kernel arguments write them; `atBoot`: somebody else's kernel arguments reserve some already. */
  hugepages: {
    sizeKb: number;
    size: string;
    total: number;
    perNode: string;
    /** For kernels that share a plain count out evenly: as many on every node as the one that needs most. */
    even: number;
    nodes: readonly NodeHugepages[];
    atBoot: boolean;
  };
  /** The fastest NIC's speed, the largest MTU of a physical or paravirtual NIC, and the drivers there are. */
  fastestMbps: number | null;
  largestMtu: number;
  drivers: {ena: boolean};
  /** Connection tracking is loaded. */
  conntrack: boolean;
  /** irqbalance is running. */
  irqbalance: boolean;
  softnet: {drops: Drops; squeezed: Drops};
  /** New connections that found a listener's accept queue full. */
  listenOverflows: Drops;
  /** Four fifths or more of the connection tracking table are in use. */
  conntrackFull: boolean;
  /** Null when the sheet is rendered for the host as a whole. */
  nic: NicView | null;
  /** Read by the word `sysctl`. */
  sysctls: Readonly<Record<string, Held>>;
};

type Counter = Evidence['softnet']['dropped'];

const dropsOf = (counters: readonly (Counter | undefined)[]): Drops => {
  const seen = counters.filter((counter) => counter !== undefined);
  if (seen.some(({first, last}) => last > first)) return 'growing';
  return seen.some(({last}) => last > 0) ? 'seen' : 'none';
};

const nowAndMax = <Key extends string>(
  pair: {now: Partial<Record<Key, number>>; max: Partial<Record<Key, number>>} | undefined,
  key: Key,
): NowAndMax => ({now: pair?.now[key] ?? null, max: pair?.max[key] ?? null});

// ENA counts frames it had no descriptor for as rx_dropped (ena_get_stats64); elsewhere that counter is mostly unknown protocols.
const ringCounters = (driver: string): readonly string[] =>
  driver === 'ena' ? ['rx_dropped', 'rx_over_errors'] : ['rx_missed_errors', 'rx_fifo_errors', 'rx_over_errors'];

const nicView = (facts: Facts, nic: Nic): NicView => {
  const rings = known(nic.rings);
  const channels = known(nic.channels);
  const counters = facts.evidence.nics[nic.name];
  const pause = known(nic.pause);
  return {
    driver: nic.driver,
    virtualFunction: nic.kind === 'virtual-function',
    speedMbps: nic.speedMbps ?? null,
    mtu: nic.mtu,
    queues: nic.rxQueues.length,
    ring: {rx: nowAndMax(rings, 'rx'), tx: nowAndMax(rings, 'tx'), rxJumbo: nowAndMax(rings, 'rxJumbo')},
    channels: {
      combined: nowAndMax(channels, 'combined'),
      rx: nowAndMax(channels, 'rx'),
      tx: nowAndMax(channels, 'tx'),
    },
    drops: dropsOf(ringCounters(nic.driver).map((name) => counters?.[name])),
    pause: {rx: pause?.rx === true, tx: pause?.tx === true, negotiated: pause?.autonegotiate === true},
  };
};

const vendorOf = (facts: Facts): 'intel' | 'amd' | 'other' =>
  /intel/i.test(facts.cpu.model) ? 'intel' : /amd|epyc|hygon/i.test(facts.cpu.model) ? 'amd' : 'other';

const hasDevice = (nic: Nic): boolean => ['physical', 'virtual-function', 'paravirtual'].includes(nic.kind);

const memoryNodes = (facts: Facts): number => facts.numa.nodes.filter(({memoryKb}) => memoryKb > 0).length;

/** Whether the command line of this boot or the next has huge pages that neither linerate's drop-in nor its sheets ask for. */
const reservesHugepages = ({boot, services}: Facts, asked: readonly string[]): boolean => {
  const grub = services.own?.texts[OWN.grub] ?? '';
  if (/\bhugepages=/.test(grub)) return false;
  return [boot.commandLine, known(boot.nextCommandLine) ?? ''].some((line) => {
    const value = argumentOf(line, 'hugepages');
    return value !== undefined && !asked.includes(value);
  });
};

const hugepagesView = (facts: Facts): SheetView['hugepages'] => {
  const {sizeKb, nodes: all} = packetHugepages(facts);
  const nodes = all.filter(({pages}) => pages > 0);
  const perNode = nodes.map(({node, pages}) => `${String(node)}:${String(pages)}`).join(',');
  const even = Math.max(0, ...nodes.map(({pages}) => pages)) * memoryNodes(facts);
  return {
    sizeKb,
    size: sizeKb >= 1_048_576 ? `${String(sizeKb / 1_048_576)}G` : `${String(sizeKb / 1024)}M`,
    total: nodes.reduce((sum, {pages}) => sum + pages, 0),
    perNode,
    even,
    nodes,
    atBoot: reservesHugepages(facts, [perNode, String(even)]),
  };
};

type HostView = Omit<SheetView, 'workload' | 'nic'>;

const hostView = (facts: Facts): HostView => {
  const devices = facts.nics.filter(hasDevice);
  const fastest = Math.max(0, ...devices.map((nic) => nic.speedMbps ?? 0));
  const {softnet, listenOverflows, conntrack} = facts.evidence;
  const tracked = facts.sysctls.live['net/netfilter/nf_conntrack_max'];
  return {
    architecture: facts.os.architecture,
    virtual: facts.platform.virtualisation !== 'none',
    cloud: facts.platform.cloud ?? null,
    nodes: memoryNodes(facts),
    cpu: {
      online: facts.cpu.online.length,
      cores: onlineCores(facts),
      vendor: vendorOf(facts),
      packetCpus: packetCpus(facts),
    },
    memory: {gib: Math.max(1, Math.floor(facts.numa.memoryKb / 1_048_576))},
    hugepages: hugepagesView(facts),
    fastestMbps: fastest === 0 ? null : fastest,
    largestMtu: Math.max(0, ...devices.map((nic) => nic.mtu)),
    drivers: {ena: devices.some((nic) => nic.driver === 'ena')},
    conntrack: facts.modules.loaded.includes('nf_conntrack') || (typeof tracked === 'object' && 'value' in tracked),
    irqbalance: facts.services.services.some(({name, active}) => active && /^irqbalance(\.service)?$/.test(name)),
    softnet: {drops: dropsOf([softnet.dropped]), squeezed: dropsOf([softnet.timeSqueeze])},
    listenOverflows: dropsOf([listenOverflows]),
    conntrackFull: conntrack !== undefined && conntrack.count >= conntrack.max * 0.8,
    sysctls: facts.sysctls.live,
  };
};

const hosts = new WeakMap<Facts, HostView>();

/** The flat view that a template sees of a host and, when the context names one, of a NIC. */
export const sheetView = ({facts, workload, nic}: SheetContext): SheetView => {
  const host = hosts.get(facts) ?? hostView(facts);
  hosts.set(facts, host);
  return {...host, workload, nic: nic === undefined ? null : nicView(facts, nic)};
};
