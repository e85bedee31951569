import {BROADCOM} from './nics/broadcom.ts';
import {CLOUD} from './nics/cloud.ts';
import type {NicFamily} from './nics/family.ts';
import {INTEL_GIGABIT} from './nics/intel-gigabit.ts';
import {INTEL} from './nics/intel.ts';
import {NVIDIA} from './nics/nvidia.ts';
import {OTHER} from './nics/other.ts';

export type {NicFamily} from './nics/family.ts';

/** Every family of NICs that linerate knows by its PCI ids. */
export const NIC_FAMILIES: readonly NicFamily[] = [
  ...INTEL,
  ...INTEL_GIGABIT,
  ...NVIDIA,
  ...BROADCOM,
  ...CLOUD,
  ...OTHER,
];

/** A NIC model: its family's row and its own name. */
export type NicIdentity = Omit<NicFamily, 'devices'> & {device: string; name: string};

const BY_ID = new Map<string, NicIdentity>(
  NIC_FAMILIES.flatMap(({devices, ...family}) =>
    Object.entries(devices).map(([device, name]) => [`${family.vendor}:${device}`, {...family, device, name}] as const),
  ),
);

const digits = (id: string): string => id.trim().toLowerCase().replace(/^0x/, '').padStart(4, '0');

/** What a PCI id stands for; ids with or without `0x`. Undefined for a NIC that no row knows. */
export const identityOf = (vendor: string, device: string): NicIdentity | undefined =>
  BY_ID.get(`${digits(vendor)}:${digits(device)}`);
