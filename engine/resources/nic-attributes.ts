import type {Nic, RingSizes, ChannelCounts} from '../facts/nic.ts';
import type {Held} from '../model/setting.ts';
import {heldOf, isNumber, onOff, switchOf, valueHeld} from './values.ts';

/** One word before the dot of a NIC attribute (or the whole of it): what it reads and what it may hold. */
type Family = {live: (nic: Nic, name: string) => Held; holds: 'number' | 'size' | 'switch' | 'either'; names?: RegExp};

/** Ring kinds by ethtool's words. */
export const RINGS: Readonly<Record<string, keyof RingSizes>> = {
  rx: 'rx',
  tx: 'tx',
  'rx-mini': 'rxMini',
  'rx-jumbo': 'rxJumbo',
  'tx-push-buf-len': 'txPushBufLen',
};

/** Channel kinds by ethtool's words. */
export const CHANNELS: Readonly<Record<string, keyof ChannelCounts>> = {
  rx: 'rx',
  tx: 'tx',
  other: 'other',
  combined: 'combined',
};

const spoken = (value: number | boolean | undefined): number | string | undefined =>
  typeof value === 'boolean' ? onOff(value) : value;

const PAUSE: Readonly<Record<string, 'rx' | 'tx' | 'autonegotiate'>> = {
  rx: 'rx',
  tx: 'tx',
  autonegotiate: 'autonegotiate',
};

const pause = (nic: Nic, name: string): Held => {
  const key = PAUSE[name];
  return heldOf(nic.pause, (now) => (key === undefined ? undefined : onOff(now[key])));
};

const FAMILIES: Readonly<Record<string, Family>> = {
  ring: {
    live: (nic, name) => heldOf(nic.rings, ({now}) => (RINGS[name] === undefined ? undefined : now[RINGS[name]])),
    holds: 'size',
    names: /^(?:rx|tx|rx-mini|rx-jumbo|tx-push-buf-len)$/,
  },
  channels: {
    live: (nic, name) =>
      heldOf(nic.channels, ({now}) => (CHANNELS[name] === undefined ? undefined : now[CHANNELS[name]])),
    holds: 'size',
    names: /^(?:rx|tx|other|combined)$/,
  },
  coalesce: {
    live: (nic, name) => heldOf(nic.coalesce, (now) => spoken(now[name])),
    holds: 'either',
    names: /^[a-z-]+$/,
  },
  feature: {
    live: (nic, name) => heldOf(nic.features, (all) => onOff(all[name]?.on)),
    holds: 'switch',
    names: /^[\w-]+$/,
  },
  private: {
    live: (nic, name) => heldOf(nic.privateFlags, (flags) => onOff(flags[name])),
    holds: 'switch',
    names: /^\S+$/,
  },
  pause: {live: pause, holds: 'switch', names: /^(?:rx|tx|autonegotiate)$/},
  mtu: {live: (nic) => valueHeld(nic.mtu), holds: 'size'},
  txqueuelen: {live: (nic) => valueHeld(nic.txQueueLength), holds: 'number'},
  napi_defer_hard_irqs: {live: (nic) => valueHeld(nic.napiDeferHardIrqs), holds: 'number'},
  gro_flush_timeout: {live: (nic) => valueHeld(nic.groFlushTimeoutNs), holds: 'number'},
  threaded: {live: (nic) => valueHeld(onOff(nic.threaded)), holds: 'switch'},
};

/** `ring.rx` as its family `ring` and name `rx`. */
export const splitAttribute = (attribute: string): {family: string; name: string} => {
  const dot = attribute.indexOf('.');
  return dot < 0 ? {family: attribute, name: ''} : {family: attribute.slice(0, dot), name: attribute.slice(dot + 1)};
};

export const knowsAttribute = (attribute: string): boolean => {
  const {family, name} = splitAttribute(attribute);
  const found = FAMILIES[family];
  return found !== undefined && (found.names ? found.names.test(name) : attribute === family);
};

/** What a NIC holds of an attribute now. */
export const liveAttribute = (nic: Nic, attribute: string): Held => {
  const {family, name} = splitAttribute(attribute);
  return FAMILIES[family]?.live(nic, name) ?? 'unsupported';
};

/** Why a value can never be one of this attribute. */
export const attributeProblem = (attribute: string, want: string): string | undefined => {
  const holds = FAMILIES[splitAttribute(attribute).family]?.holds;
  if (holds === 'switch') return switchOf(want) === undefined ? 'is neither on nor off' : undefined;
  if (isNumber(want) || (holds === 'size' && want === 'max')) return undefined;
  if (holds === 'either' && switchOf(want) !== undefined) return undefined;
  return holds === 'either' ? 'is neither a number nor on or off' : 'is no number';
};
