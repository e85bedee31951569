import {identityOf} from '../../dataplane/nics.ts';
import {isHolder} from '../facts/driver-bindings.ts';
import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import type {FunctionState} from '../facts/pci-function.ts';
import {isUnknown, known} from '../model/known.ts';
import type {Block, Setting} from '../model/setting.ts';
import {functionOf, interfacesOf, NO_IOMMU, waitsForIommu} from '../resources/driver.ts';
import {splitId} from '../resources/lookup.ts';
import {managementPath} from './management-path.ts';

type Refusal = {reason: string; hint?: string};

// Addresses that an interface gives itself when it is up are no use that anybody makes of it.
const isOwnLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);

const traffic = ({network}: Facts, {name, upper}: Nic): string | undefined => {
  const address = network.addresses.find((one) => one.interface === name && !isOwnLinkLocal(one.address));
  if (address) return `has the address ${address.address}/${String(address.prefix)}`;
  const route = network.routes.find((one) => one.interface === name && !isOwnLinkLocal(one.to));
  if (route) return `has a route to ${route.to}`;
  return upper.length === 0 ? undefined : `is part of ${upper.join(', ')}`;
};

const programs = ({name, xdp, xdpSockets}: Nic): Refusal | undefined => {
  if (xdp) return {reason: `${name} runs the XDP program ${xdp.program}`, hint: 'detach the program first'};
  if (xdpSockets === undefined) return undefined;
  const sockets = isUnknown(xdpSockets) ? `may carry AF_XDP sockets (${xdpSockets.unknown})` : 'carries AF_XDP sockets';
  return {reason: `${name} ${sockets}`, hint: 'end the programs that hold these sockets first'};
};

const inUse = (facts: Facts, nic: Nic, path: ReadonlySet<string>): Refusal | undefined => {
  if (path.has(nic.name)) return {reason: `${nic.name} carries the connection that this host is managed by`};
  const functions = nic.pci?.vfsEnabled ?? 0;
  if (functions > 0)
    return {
      reason: `${nic.name} has ${String(functions)} virtual functions, which would go with it`,
      hint: 'give virtual functions away instead, or take them away first',
    };
  const use = traffic(facts, nic);
  if (use !== undefined)
    return {
      reason: `${nic.name} ${use}, which would go with its kernel driver`,
      hint: `take ${nic.name} out of the host's network configuration first`,
    };
  return programs(nic);
};

/** Why the kernel's driver must keep a function; undefined where nobody needs it there. */
const kept = (facts: Facts, address: string, state: FunctionState): Refusal | undefined => {
  const [vendor = '', device = ''] = state.ids.split(':');
  const model = identityOf(vendor, device);
  if (model?.binding === 'bifurcated')
    return {
      reason: `${model.name} stays with its kernel driver ${model.driver}: DPDK's ${model.pmd ?? 'driver'} works through it`,
      hint: 'name its PCI address to the application, and bind nothing',
    };
  const nics = interfacesOf(facts, address);
  if (nics.length === 0 && state.class.startsWith('0x02'))
    return {
      reason: `${state.driver ?? ''} shows no interface of it here: it may be in another network namespace`,
      hint: 'bring the interface back into the first network namespace, or end the container that has it',
    };
  const path = new Set(managementPath(facts));
  return nics.map((nic) => inUse(facts, nic, path)).find((refusal) => refusal !== undefined);
};

// Network, processing and encryption functions, and DMA engines: SPDK's disks may be somebody's root file system.
const GIVABLE = /^0x(?:02|0b40|10|12|0880)/;

const outsiders = (facts: Facts, {members}: FunctionState): readonly string[] =>
  members
    .filter(({address, class: kind, driver}) => {
      // A bridge moves what its function asks for; what is asked for in the same plan goes too.
      const goes = Object.hasOwn(facts.asked, `driver ${address}`);
      return driver !== undefined && !isHolder(driver) && !kind.startsWith('0x06') && !goes;
    })
    .map(({address, driver}) => `${address} (${driver ?? ''})`);

const forVfio = (facts: Facts, state: FunctionState, want: string): Refusal | undefined => {
  const covered = state.group !== undefined && !state.group.noIommu;
  if (want === NO_IOMMU) {
    if (covered) return {reason: 'an IOMMU is on', hint: 'vfio-pci works here, and protects the memory'};
    if (state.noIommuSwitch === undefined) return {reason: "this kernel's vfio cannot work without an IOMMU"};
    return undefined;
  }
  if (!covered && !waitsForIommu(facts, state)) {
    return {
      reason: facts.iommu.on ? 'the IOMMU leaves this function out' : 'this host has no IOMMU, which vfio-pci needs',
      hint: `${NO_IOMMU} does without: a program that has the function open may then write to all of the memory`,
    };
  }
  const others = outsiders(facts, state);
  if (others.length === 0) return undefined;
  return {
    reason: `it shares IOMMU group ${state.group?.number ?? ''} with ${others.join(', ')}, which the kernel uses`,
    hint: 'give away all of the group, or use a slot of its own',
  };
};

const forUio = (facts: Facts, state: FunctionState, want: string): Refusal | undefined => {
  const {secureBoot, lockdown} = facts.platform;
  const instead = {hint: 'vfio-pci does without'};
  if (known(secureBoot) === true || (known(lockdown) ?? 'none') !== 'none')
    return {reason: 'secure boot or lockdown keeps user space from the memory of PCI functions', ...instead};
  if (want === 'uio_pci_generic' && (state.virtualFunction || state.legacyInterrupt === false))
    return {reason: 'uio_pci_generic needs a legacy interrupt, which this function has not', ...instead};
  if (state.group?.type?.startsWith('DMA') === true)
    return {
      reason: 'the IOMMU translates its addresses, and uio does not',
      hint: 'use vfio-pci, or boot with iommu=pt',
    };
  return undefined;
};

const forHolder = (facts: Facts, state: FunctionState, want: string): Refusal | undefined => {
  if (!GIVABLE.test(state.class))
    return {reason: `it is no network function and no accelerator (PCI class ${state.class})`};
  return want.startsWith('vfio-pci')
    ? forVfio(facts, state, want)
    : /uio/.test(want)
      ? forUio(facts, state, want)
      : undefined;
};

const refusalOf = (facts: Facts, address: string, want: string): Refusal | undefined => {
  const state = functionOf(facts, address);
  if (!state) return undefined;
  if (state.user !== undefined)
    return {reason: `process ${String(state.user)} has it open`, hint: 'end that program first'};
  if (!state.available) return {reason: `this kernel has no driver ${want}`};
  const away = want === 'none' || isHolder(want);
  if (!away) return undefined;
  const held = state.driver !== undefined && !isHolder(state.driver);
  return (held ? kept(facts, address, state) : undefined) ?? forHolder(facts, state, want);
};

/** Why a PCI function may not be given to the driver that is asked for; undefined where it may, or has it already. */
export const bindingRefusal = (facts: Facts, {id, want, pending}: Setting): Block | undefined => {
  const {kind, rest} = splitId(id);
  const refusal = kind === 'driver' && pending.includes('live') ? refusalOf(facts, rest, want) : undefined;
  return refusal && {id, ...refusal};
};
