import {type Asked, parseAsked} from './asked.ts';
import {type BootConfiguration, boot} from './boot.ts';
import {type Cpu, cpu} from './cpu.ts';
import {type DriverBinding, bindings} from './driver-bindings.ts';
import {EVIDENCE_END, type Evidence, evidence} from './evidence.ts';
import type {Wanted} from './fact.ts';
import type {Frames} from './frames.ts';
import {type Iommu, iommu} from './iommu.ts';
import {type Limits, limits} from './limits.ts';
import {type KernelModules, modules} from './modules.ts';
import {type Mount, mounts} from './mounts.ts';
import {network} from './network-facts.ts';
import type {Network} from './network.ts';
import {nics} from './nic-facts.ts';
import type {Nic} from './nic.ts';
import {type Numa, numa} from './numa.ts';
import {type Os, os} from './os.ts';
import {type Platform, platform} from './platform.ts';
import {type Power, power} from './power.ts';
import {type Services, services} from './services.ts';
import {type Sysctls, sysctls, withLive} from './sysctls.ts';

/** All that one probe tells of a host: plain JSON, the planner's only input beside sheets and variables. */
export type Facts = {
  os: Os;
  platform: Platform;
  cpu: Cpu;
  numa: Numa;
  nics: readonly Nic[];
  bindings: readonly DriverBinding[];
  iommu: Iommu;
  network: Network;
  sysctls: Sysctls;
  boot: BootConfiguration;
  modules: KernelModules;
  power: Power;
  services: Services;
  limits: Limits;
  mounts: readonly Mount[];
  evidence: Evidence;
  /** What recipes asked beyond that; empty in a first probe. */
  asked: Asked;
};

const FACTS = [
  evidence,
  os,
  platform,
  cpu,
  numa,
  sysctls,
  boot,
  modules,
  power,
  services,
  limits,
  mounts,
  nics,
  bindings,
  iommu,
  network,
];

/** The scripts of one whole probe, in order: two samples of counters enclose all the others. */
export const factScripts = (wanted: Wanted): string[] => [...FACTS.map((fact) => fact.script(wanted)), EVIDENCE_END];

/** Facts of what a probe brought back. Never throws: what is missing or odd is unknown or absent. */
export const parseFacts = (frames: Frames): Facts => ({
  os: os.parse(frames),
  platform: platform.parse(frames),
  cpu: cpu.parse(frames),
  numa: numa.parse(frames),
  nics: nics.parse(frames),
  bindings: bindings.parse(frames),
  iommu: iommu.parse(frames),
  network: network.parse(frames),
  sysctls: sysctls.parse(frames),
  boot: boot.parse(frames),
  modules: modules.parse(frames),
  power: power.parse(frames),
  services: services.parse(frames),
  limits: limits.parse(frames),
  mounts: mounts.parse(frames),
  evidence: evidence.parse(frames),
  asked: parseAsked(frames),
});

/** The facts with what a second probe brought back of addresses that a recipe asks for. */
export const withAsked = (facts: Facts, frames: Frames): Facts => ({
  ...facts,
  sysctls: withLive(facts.sysctls, frames, facts.modules.loaded),
  asked: {...facts.asked, ...parseAsked(frames)},
});
