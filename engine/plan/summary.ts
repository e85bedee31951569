import {identityOf} from '../../dataplane/nics.ts';
import type {Cpu} from '../facts/cpu.ts';
import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import type {Plan} from '../model/setting.ts';

export type NicSummary = {
  name: string;
  /** `Intel E810-C for QSFP`, or the driver where the PCI ids are not known. */
  model: string;
  driver: string;
  /** -1 when the platform does not tell. */
  node: number;
  speedMbps?: number;
  up: boolean;
  management: boolean;
};

/** What a reader must know of a host to judge its diff; a few hundred bytes, kept when the facts are let go. */
export type HostSummary = {
  os: string;
  kernel: string;
  cpu: string;
  nodes: number;
  memoryKb: number;
  platform: string;
  /** Whether the probe ran as root: without, some values stay unread. */
  root: boolean;
  nics: readonly NicSummary[];
};

const times = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`;

/** `2 sockets × 16 cores × 2 threads`, or the plain count where the sockets are not alike. */
export const cpuText = (cpu: Pick<Cpu, 'threads' | 'online'>): string => {
  const online = cpu.threads.filter((thread) => thread.online);
  const sockets = new Set(online.map((thread) => thread.socket)).size;
  const cores = new Set(
    online.map((thread) => thread.siblings.find((sibling) => cpu.online.includes(sibling)) ?? thread.cpu),
  ).size;
  const alike = sockets > 0 && cores % sockets === 0 && online.length % Math.max(1, cores) === 0;
  if (!alike || online.length === 0) return times(cpu.online.length, 'CPU');
  const parts = [times(sockets, 'socket'), times(cores / sockets, 'core')];
  if (online.length > cores) parts.push(times(online.length / cores, 'thread'));
  return parts.join(' × ');
};

const nicSummary = (nic: Nic, managementPath: readonly string[]): NicSummary => ({
  name: nic.name,
  model: (nic.pci && identityOf(nic.pci.vendor, nic.pci.device)?.name) ?? nic.driver,
  driver: nic.driver,
  node: nic.pci?.numaNode ?? nic.numaNode ?? -1,
  ...(nic.speedMbps === undefined ? {} : {speedMbps: nic.speedMbps}),
  up: nic.adminUp && nic.carrier !== false,
  management: managementPath.includes(nic.name),
});

const platformText = ({platform}: Facts): string => {
  if (platform.container !== undefined) return `${platform.container} container`;
  if (platform.cloud === 'ec2') return `EC2${platform.instanceType === undefined ? '' : ` ${platform.instanceType}`}`;
  if (platform.cloud !== undefined && platform.cloud !== 'other') return platform.cloud;
  return platform.virtualisation === 'none' ? 'bare metal' : `${platform.virtualisation} guest`;
};

/** The host in a few words, its NICs by name. */
export const summariseHost = (facts: Facts, plan: Pick<Plan, 'managementPath'>): HostSummary => ({
  os: facts.os.prettyName,
  kernel: facts.os.kernel,
  cpu: cpuText(facts.cpu),
  nodes: facts.numa.nodes.length,
  memoryKb: facts.numa.memoryKb,
  platform: platformText(facts),
  root: facts.os.user.uid === 0,
  nics: facts.nics.filter((nic) => nic.devicePath !== undefined).map((nic) => nicSummary(nic, plan.managementPath)),
});
