import {type Frames, numberOf, textOf} from './frames.ts';
import type {PciFunction} from './nic.ts';
import {attribute, attributeText, cpusOf, directory} from './nic-sysfs.ts';
import {present} from './present.ts';

const PCI_ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

const lastPart = (path: string | undefined): string => path?.split('/').at(-1) ?? '';

const pciIn = (path: string | undefined): string | undefined => {
  const part = lastPart(path);
  return PCI_ADDRESS.test(part) ? part : undefined;
};

/** The device's own directory below /sys/devices; absent for interfaces that have none. */
export const devicePath = (frames: Frames, nic: string): string | undefined =>
  frames.links.get(`${directory(nic)}/device`);

/** Whether it is a sub-function: a device on the auxiliary bus below its PCI function (`mlx5_core.sf.4`). */
export const isSubFunction = (frames: Frames, nic: string): boolean => /\.sf\.\d+$/.test(devicePath(frames, nic) ?? '');

/** The driver that the kernel bound to the device; empty where there is none. */
export const boundDriver = (frames: Frames, nic: string): string =>
  lastPart(frames.links.get(`${directory(nic)}/device/driver`)).replace(/\.sf$/, '');

/** Whether the device is a child of its PCI function (or, virtio's, of its platform device). */
const isBelowFunction = (frames: Frames, nic: string): boolean =>
  isSubFunction(frames, nic) || /\/virtio\d+$/.test(devicePath(frames, nic) ?? '');

/** Where the NIC's PCI attributes and interrupts are: in the device's directory, or one above. */
export const functionDirectory = (frames: Frames, nic: string): string =>
  `${directory(nic)}/device${isBelowFunction(frames, nic) ? '/..' : ''}`;

const addressOf = (frames: Frames, nic: string): string | undefined => {
  const path = devicePath(frames, nic);
  return pciIn(isBelowFunction(frames, nic) ? path?.slice(0, path.lastIndexOf('/')) : path);
};

const hexId = (text: string | undefined): string => (text ?? '').replace(/^0x/, '').toLowerCase();

// `Unknown` is what the kernel prints where the link's capability register is unreadable (a VF).
const linkWord = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || /unknown/i.test(text) || text === '0' ? undefined : text;

/** The PCI function behind an interface; undefined for virtual ones and other buses. */
export const pciFunction = (frames: Frames, nic: string): PciFunction | undefined => {
  const address = addressOf(frames, nic);
  if (address === undefined) return undefined;
  const base = functionDirectory(frames, nic);
  const text = (file: string): string | undefined => textOf(frames, `${base}/${file}`);
  // Virtual functions are made of the function, not of one of its parts.
  const virtual = (file: string): number | undefined =>
    isSubFunction(frames, nic) ? undefined : numberOf(frames, `${base}/${file}`);
  return present({
    address,
    vendor: hexId(text('vendor')),
    device: hexId(text('device')),
    subsystemVendor: hexId(text('subsystem_vendor')),
    subsystemDevice: hexId(text('subsystem_device')),
    numaNode: numberOf(frames, `${base}/numa_node`) ?? -1,
    localCpus: cpusOf(frames, `${base}/local_cpulist`),
    linkSpeed: linkWord(text('current_link_speed')),
    linkWidth: linkWord(text('current_link_width')),
    maxLinkSpeed: linkWord(text('max_link_speed')),
    maxLinkWidth: linkWord(text('max_link_width')),
    vfsTotal: virtual('sriov_totalvfs'),
    vfsEnabled: virtual('sriov_numvfs'),
    physicalFunction: pciIn(frames.links.get(`${base}/physfn`)),
    iommuGroup: lastPart(frames.links.get(`${base}/iommu_group`)) || undefined,
  });
};

/** A switch driver's stand-in for a VF or sub-function, as its port's name tells (`pf0vf3`): no NIC to tune. */
export const isRepresentor = (frames: Frames, nic: string): boolean =>
  /^(?:c\d+)?pf\d+(?:vf|sf)\d+$/.test(attributeText(frames, nic, 'phys_port_name'));

/** Interfaces of one device, by each of them: its ports in order, representors last. */
export const sharersOf = (frames: Frames, nics: readonly string[]): ((nic: string) => readonly string[]) => {
  const byDevice = new Map<string, string[]>();
  for (const nic of nics) {
    const device = devicePath(frames, nic);
    if (device !== undefined) byDevice.set(device, [...(byDevice.get(device) ?? []), nic]);
  }
  const rank = (nic: string): number =>
    (isRepresentor(frames, nic) ? 1e9 : 0) + (attribute(frames, nic, 'dev_port') ?? 0) * 1e6;
  const order = (a: string, b: string): number =>
    rank(a) - rank(b) || (attribute(frames, a, 'ifindex') ?? 0) - (attribute(frames, b, 'ifindex') ?? 0);
  return (nic) => (byDevice.get(devicePath(frames, nic) ?? '') ?? []).toSorted(order);
};
