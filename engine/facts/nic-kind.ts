import type {Frames} from './frames.ts';
import type {Link} from './ip-link.ts';
import type {NicKind} from './nic.ts';
import {isRepresentor} from './nic-device.ts';
import {attribute, attributeText, directory} from './nic-sysfs.ts';

const PARAVIRTUAL = new Set(['virtio_net', 'vmxnet3', 'ena', 'gve', 'hv_netvsc', 'mana', 'vif', 'xen_netfront']);

const LINK_KINDS = ['bond', 'team', 'bridge', 'vlan', 'vrf', 'veth', 'tun'] as const satisfies readonly NicKind[];

const linkKind = (word: string | undefined): NicKind | undefined => LINK_KINDS.find((kind) => kind === word);

// ARPHRD_LOOPBACK of include/uapi/linux/if_arp.h.
const LOOPBACK = 772;

/** Sysfs's own word for a virtual interface: `DEVTYPE` of its uevent, directories and files that only one kind has. */
const sysfsKind = (frames: Frames, nic: string): NicKind | undefined => {
  const has = (file: string): boolean => frames.files.has(`${directory(nic)}/${file}`);
  if (attribute(frames, nic, 'type') === LOOPBACK) return 'loopback';
  if (has('bonding/mode')) return 'bond';
  if (has('tun_flags')) return 'tun';
  return linkKind(/^DEVTYPE=(\S+)$/m.exec(attributeText(frames, nic, 'uevent'))?.[1]);
};

// A veth has no word for itself in sysfs. Its iflink is its peer's index, and nothing of this namespace lies below it.
const looksLikeVeth = (frames: Frames, nic: string, lower: readonly string[]): boolean =>
  lower.length === 0 &&
  attribute(frames, nic, 'type') === 1 &&
  !attributeText(frames, nic, 'uevent').includes('DEVTYPE=') &&
  attribute(frames, nic, 'iflink') !== attribute(frames, nic, 'ifindex');

/** What an interface is: by what the kernel says of it, never by its name. */
export const kindOf = (
  frames: Frames,
  nic: string,
  around: {driver: string; virtualFunction: boolean; link: Link | undefined; lower: readonly string[]},
): NicKind => {
  if (frames.links.has(`${directory(nic)}/device`)) {
    if (PARAVIRTUAL.has(around.driver)) return 'paravirtual';
    if (isRepresentor(frames, nic)) return 'other';
    return around.virtualFunction ? 'virtual-function' : 'physical';
  }
  const kind = sysfsKind(frames, nic) ?? linkKind(around.link?.kind);
  if (kind !== undefined) return kind;
  return around.link === undefined && looksLikeVeth(frames, nic, around.lower) ? 'veth' : 'other';
};
