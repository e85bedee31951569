import {answersOf, unaskedReasons} from './ethtool/answers.ts';
import type {Fact} from './fact.ts';
import type {Frames} from './frames.ts';
import {type Link, linksOf, qdiscsOf} from './ip-link.ts';
import type {Nic} from './nic.ts';
import {boundDriver, devicePath, isSubFunction, pciFunction, sharersOf} from './nic-device.ts';
import {irqsOf} from './nic-irqs.ts';
import {kindOf} from './nic-kind.ts';
import {queuesOf} from './nic-queues.ts';
import {NIC_SCRIPT} from './nic-script.ts';
import {attribute, attributeText, interfaceByIndex, interfaceNames, stackOf} from './nic-sysfs.ts';
import {xdpSocketsOf} from './nic-xdp.ts';
import {present} from './present.ts';

type Surroundings = {
  links: ReadonlyMap<string, Link>;
  qdiscs: ReadonlyMap<string, string>;
  stack: ReturnType<typeof stackOf>;
  queues: ReturnType<typeof queuesOf>;
  sharers: ReturnType<typeof sharersOf>;
  xdpSockets: ReturnType<typeof xdpSocketsOf>;
  unasked: ReturnType<typeof unaskedReasons>;
};

const speedOf = (frames: Frames, nic: string, kind: Nic['kind']): number | undefined => {
  // veth, tun and the like make a number up.
  if (['veth', 'tun', 'loopback', 'other', 'bridge', 'vrf'].includes(kind)) return undefined;
  const speed = attribute(frames, nic, 'speed');
  // SPEED_UNKNOWN is -1, which old kernels print unsigned, of 16 or of 32 bits.
  return speed === undefined || [0, 65_535, 4_294_967_295].includes(speed) ? undefined : speed;
};

const bondOf = (frames: Frames, nic: string): Nic['bond'] => {
  const mode = attributeText(frames, nic, 'bonding/mode').split(' ')[0] ?? '';
  if (mode === '') return undefined;
  const members = attributeText(frames, nic, 'bonding/slaves').split(/\s+/).filter(Boolean);
  return present({
    mode,
    active: attributeText(frames, nic, 'bonding/active_slave') || undefined,
    members: members.map((name) => ({
      name,
      miiUp: attributeText(frames, name, 'bonding_slave/mii_status') === 'up',
    })),
  });
};

const flag = (value: number | undefined): boolean | undefined => (value === undefined ? undefined : value !== 0);

const linkState = (frames: Frames, name: string, link: Link | undefined) => {
  const flags = Number(attributeText(frames, name, 'flags') || Number.NaN);
  return present({
    mac: attributeText(frames, name, 'address') || (link?.mac ?? ''),
    mtu: attribute(frames, name, 'mtu') ?? link?.mtu ?? 0,
    maxMtu: link?.maxMtu,
    // IFF_UP of include/uapi/linux/if.h.
    adminUp: Number.isNaN(flags) ? (link?.up ?? false) : (flags & 1) === 1,
    carrier: flag(attribute(frames, name, 'carrier')),
    operstate: attributeText(frames, name, 'operstate') || 'unknown',
    txQueueLength: attribute(frames, name, 'tx_queue_len') ?? 0,
    napiDeferHardIrqs: attribute(frames, name, 'napi_defer_hard_irqs'),
    groFlushTimeoutNs: attribute(frames, name, 'gro_flush_timeout'),
    threaded: flag(attribute(frames, name, 'threaded')),
  });
};

// hv_netvsc hands its traffic to a VF where there is one (netvsc.rst).
const busNode = (frames: Frames, nic: string, lower: readonly string[]): number | undefined => {
  const nodes = lower.map((name) => pciFunction(frames, name)?.numaNode ?? -1);
  return [...nodes, attribute(frames, nic, 'device/numa_node') ?? -1].find((node) => node >= 0);
};

const nicOf = (frames: Frames, name: string, around: Surroundings): Nic => {
  const link = around.links.get(name);
  const {identity, permanentMac, settings} = answersOf(frames, name, around.unasked);
  const pci = pciFunction(frames, name);
  const driver = boundDriver(frames, name) || identity.driver || (link?.kind ?? '');
  const lower = around.stack(name, 'lower');
  const kind = kindOf(frames, name, {
    driver,
    virtualFunction: pci?.physicalFunction !== undefined || isSubFunction(frames, name),
    link,
    lower,
  });
  const queues = around.queues(name);
  return present({
    name,
    kind,
    driver,
    driverVersion: attributeText(frames, name, 'device/driver/module/version') || identity.version,
    firmware: identity.firmware,
    devicePath: devicePath(frames, name),
    pci,
    numaNode: pci ? undefined : busNode(frames, name, lower),
    permanentMac,
    ...linkState(frames, name, link),
    speedMbps: speedOf(frames, name, kind),
    ...settings,
    rxQueues: queues.rx,
    txQueues: queues.tx,
    irqs: irqsOf(frames, {name, driver, channels: settings.channels, sharers: around.sharers(name)}),
    qdisc: around.qdiscs.get(name) ?? link?.qdisc,
    xdp: link?.xdp,
    xdpSockets: around.xdpSockets(name, devicePath(frames, name) !== undefined),
    lower,
    upper: around.stack(name, 'upper'),
    bond: bondOf(frames, name),
    vlanId: link?.vlanId,
    vrfTable: link?.vrfTable,
  });
};

/** Every network interface of the probe's network namespace, in the order of their names. */
const nicsOf = (frames: Frames): readonly Nic[] => {
  const links = linksOf(frames, interfaceByIndex(frames));
  const listed = interfaceNames(frames);
  // Without /sys there is still what `ip link` says.
  const names = listed.length > 0 ? listed : [...links.keys()];
  const around = {
    links,
    qdiscs: qdiscsOf(frames),
    stack: stackOf(frames),
    queues: queuesOf(frames),
    sharers: sharersOf(frames, names),
    xdpSockets: xdpSocketsOf(frames),
    unasked: unaskedReasons(frames, names),
  };
  return names.map((name) => nicOf(frames, name, around));
};

/** All network interfaces; an empty list only where the host shows none, neither in /sys nor by `ip`. */
export const nics: Fact<readonly Nic[]> = {name: 'nics', script: () => NIC_SCRIPT, parse: nicsOf};
