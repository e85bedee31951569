import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import type {Step} from '../model/change.ts';
import {known} from '../model/known.ts';
import {splitAttribute} from './nic-attributes.ts';

/** ethtool's option for each family of attributes that it sets by name and value. */
const VERBS: Readonly<Record<string, string>> = {
  ring: '-G',
  channels: '-L',
  coalesce: '-C',
  feature: '-K',
  private: '--set-priv-flags',
  pause: '-A',
};

/** Files below /sys/class/net/NIC. */
const FILES: Readonly<Record<string, string>> = {
  mtu: 'mtu',
  txqueuelen: 'tx_queue_len',
  napi_defer_hard_irqs: 'napi_defer_hard_irqs',
  gro_flush_timeout: 'gro_flush_timeout',
  threaded: 'threaded',
};

const wordOf = (attribute: string): string =>
  attribute === 'pause.autonegotiate' ? 'autoneg' : splitAttribute(attribute).name;

/**
 * Sets one attribute of a NIC: `ethtool -G NIC rx 4096`, or a write to sysfs. Undefined for what is neither. Steps with
 * one NIC and verb may be put together to one command (`mergeable`), which resets the NIC once.
 */
export const attributeSteps = (nic: string, attribute: string, want: string): readonly Step[] | undefined => {
  const {family} = splitAttribute(attribute);
  const verb = VERBS[family];
  if (verb !== undefined) return [{do: 'run', argv: ['ethtool', verb, nic, wordOf(attribute), want]}];
  const file = FILES[family];
  if (file === undefined) return undefined;
  const text = family === 'threaded' ? (want === 'on' ? '1' : '0') : want;
  return [{do: 'write', path: `/sys/class/net/${nic}/${file}`, text}];
};

// ethtool's off_flag_def: these names stand for all features that match, also where some of them are off.
const AGGREGATES: Readonly<Record<string, RegExp>> = {
  'tx-checksumming': /^tx-checksum-/,
  'scatter-gather': /^tx-scatter-gather/,
  'tcp-segmentation-offload': /^tx-tcp.*-segmentation$/,
};

/** The features, with what each of them holds, that bring a set of them back to what the facts show. */
export const featuresNow = (nic: Nic, names: readonly string[]): readonly (readonly [name: string, on: boolean])[] => {
  const all = known(nic.features) ?? {};
  return names.flatMap((name) => {
    const parts = Object.keys(all).filter((part) => AGGREGATES[name]?.test(part));
    return (parts.length > 0 ? parts : [name]).flatMap((part) => {
      const feature = all[part];
      return feature === undefined || feature.fixed ? [] : [[part, feature.on] as const];
    });
  });
};

// A VLAN's MTU is cut down with that of the device below it, and does not grow again (vlan_device_event).
const vlansAbove = (facts: Facts, name: string): readonly Nic[] =>
  facts.nics.filter((other) => other.kind === 'vlan' && other.lower.includes(name));

/** The MTU of a NIC and of the VLANs above it, as the facts show them. */
export const mtuNow = (facts: Facts, nic: Nic): readonly Step[] =>
  [nic, ...vlansAbove(facts, nic.name)].flatMap(({name, mtu}) => attributeSteps(name, 'mtu', String(mtu)) ?? []);
