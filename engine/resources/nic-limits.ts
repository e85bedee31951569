import type {Nic} from '../facts/nic.ts';
import {known} from '../model/known.ts';
import {CHANNELS, RINGS, splitAttribute} from './nic-attributes.ts';
import {isNumber, roundDownToPowerOfTwo, roundUpToPowerOfTwo, switchOf} from './values.ts';

type Limited = {want: string; limit?: string};

// What each driver makes of a ring size that it was asked for: ena_set_ringparam, mlx5e_ethtool_set_ringparam,
// {i40e,ice,iavf}_set_ringparam and vmxnet3 (multiples of 32), ixgbe, igb and igc (of 8).
const ROUNDING: Readonly<Record<string, {by: string; round: (size: number) => number}>> = {
  ena: {by: 'down to a power of two', round: roundDownToPowerOfTwo},
  mlx5_core: {by: 'up to a power of two', round: roundUpToPowerOfTwo},
  ...Object.fromEntries(
    ['i40e', 'ice', 'iavf', 'vmxnet3'].map((driver) => [
      driver,
      {by: 'up to a multiple of 32', round: (size: number) => Math.ceil(size / 32) * 32},
    ]),
  ),
  ...Object.fromEntries(
    ['ixgbe', 'ixgbevf', 'igb', 'igc'].map((driver) => [
      driver,
      {by: 'up to a multiple of 8', round: (size: number) => Math.ceil(size / 8) * 8},
    ]),
  ),
};

/** The most that a NIC says it takes of an attribute. */
export const maximumOf = (nic: Nic, attribute: string): number | undefined => {
  const {family, name} = splitAttribute(attribute);
  if (family === 'mtu') return nic.maxMtu;
  if (family === 'ring') {
    const key = RINGS[name];
    return key && known(nic.rings)?.max[key];
  }
  if (family !== 'channels') return undefined;
  const key = CHANNELS[name];
  return key && known(nic.channels)?.max[key];
};

const rounded = (nic: Nic, attribute: string, want: number, maximum: number): Limited => {
  const rounding = /^ring\.(?:rx|tx)$/.test(attribute) ? ROUNDING[nic.driver] : undefined;
  const size = Math.min(rounding?.round(want) ?? want, maximum);
  if (size === want || !rounding) return {want: String(size)};
  return {want: String(size), limit: `asked for ${String(want)}, ${nic.driver} rounds ${rounding.by}`};
};

/** What can be had of a value on this NIC; `max` becomes the number, and a number beyond the maximum the maximum. */
export const limitAttribute = (nic: Nic, attribute: string, want: string): Limited => {
  const {family} = splitAttribute(attribute);
  if (['feature', 'private', 'pause', 'threaded'].includes(family)) return {want: switchOf(want) ?? want};
  if (family === 'coalesce' && !isNumber(want)) return {want: switchOf(want) ?? want};
  const maximum = maximumOf(nic, attribute);
  if (want === 'max') return {want: maximum === undefined ? want : String(maximum)};
  if (!isNumber(want)) return {want};
  if (maximum === undefined || Number(want) <= maximum)
    return rounded(nic, attribute, Number(want), maximum ?? Infinity);
  return {want: String(maximum), limit: `asked for ${want}, the NIC's maximum is ${String(maximum)}`};
};
