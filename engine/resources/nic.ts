import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {isUnknown, known} from '../model/known.ts';
import type {Boot, Effect, Undo} from '../model/setting.ts';
import {driverDefault} from './driver-defaults.ts';
import {attributeProblem, knowsAttribute, liveAttribute, splitAttribute} from './nic-attributes.ts';
import {limitAttribute} from './nic-limits.ts';
import {bootAttribute} from './nic-persistence.ts';
import {nicOf} from './lookup.ts';
import {attributeSteps} from './nic-steps.ts';
import type {ResourceKind} from './resource.ts';
import {isRestorable} from './rss-table.ts';
import {sameWords, switchOf} from './values.ts';

const split = (rest: string): [nic: string, attribute: string] => {
  const blank = rest.indexOf(' ');
  return [rest.slice(0, blank), rest.slice(blank + 1)];
};

// Drivers tear their queues down and up again for these (LRO and ntuple: ixgbe_set_features and its like).
const RESETTING =
  /^(?:ring|channels|private|pause|mtu|feature\.(?:large-receive-offload|rx-gro-hw|ntuple-filters))(?:\.|$)/;

// These only begin or end to steer flows, or clear filters (ice_set_features, mlx5e's set_feature_arfs, efx_set_features).
const STEERS_LIVE = new Set(['ice', 'mlx5_core', 'mlx4_core', 'mlx4_en', 'sfc']);

/** What files say, with `max` as the number that it comes to. */
const bootOf = ({services}: Facts, found: Nic, attribute: string): Boot => {
  const boot = bootAttribute(services, found, attribute);
  if (typeof boot.held !== 'object' || !('value' in boot.held) || boot.held.value !== 'max') return boot;
  return {...boot, held: {value: limitAttribute(found, attribute, 'max').want}};
};

const effect = (driver: string | undefined, attribute: string): Effect => {
  // virtio tells the device over its control queue and resets nothing (_virtnet_set_queues).
  if (driver === 'virtio_net' && attribute.startsWith('channels.')) return 'live';
  if (attribute === 'feature.ntuple-filters' && STEERS_LIVE.has(driver ?? '')) return 'live';
  return RESETTING.test(attribute) ? 'link-flap' : 'live';
};

// Other channels remake what hung on the queues: a table that ethtool has no words for does not come back as it was, nor
// do filter rules, which are gone with the feature too.
const undo = (found: Nic, attribute: string, want: string): Undo => {
  const rules = (known(found.ntupleRules) ?? 0) > 0;
  if (attribute === 'feature.ntuple-filters') return rules && switchOf(want) === 'off' ? 'never' : 'exact';
  if (splitAttribute(attribute).family !== 'channels') return 'exact';
  const table = known(found.rss);
  return rules || (table && !isRestorable(table)) ? 'approximate' : 'exact';
};

/** Attributes of one NIC in ethtool's words: `nic ens1f0 ring.rx`, `nic ens1f0 mtu`. */
export const nic: ResourceKind = {
  kind: 'nic',
  form: 'NIC ATTRIBUTE, e.g. ens1f0 ring.rx',
  knows: (rest) => /^\S+ \S+$/.test(rest) && knowsAttribute(split(rest)[1]),
  problem: (rest, want) => attributeProblem(split(rest)[1], want),
  live: (facts, rest) => {
    const [name, attribute] = split(rest);
    const found = nicOf(facts, name);
    return found ? liveAttribute(found, attribute) : 'absent';
  },
  boot: (facts, rest) => {
    const [name, attribute] = split(rest);
    const found = nicOf(facts, name);
    if (!found) return {held: 'default'};
    const boot = bootOf(facts, found, attribute);
    return (boot.held === 'default' ? driverDefault(facts, found, attribute) : undefined) ?? boot;
  },
  effect: (facts, rest) => {
    const [name, attribute] = split(rest);
    return effect(nicOf(facts, name)?.driver, attribute);
  },
  undo: (facts, rest, want) => {
    const [name, attribute] = split(rest);
    const found = nicOf(facts, name);
    return found ? undo(found, attribute, want) : 'exact';
  },
  same: (_facts, _rest, a, b) => sameWords(a, b) || (switchOf(a) !== undefined && switchOf(a) === switchOf(b)),
  limit: (facts, rest, want) => {
    const [name, attribute] = split(rest);
    const found = nicOf(facts, name);
    return found ? limitAttribute(found, attribute, want) : {want};
  },
  steps: (_facts, rest, want) => attributeSteps(...split(rest), want),
  fixed: (facts, rest) => {
    const [name, attribute] = split(rest);
    const {family, name: feature} = splitAttribute(attribute);
    const features = nicOf(facts, name)?.features;
    if (family !== 'feature' || features === undefined || isUnknown(features)) return undefined;
    return features[feature]?.fixed ? 'the driver has it [fixed]' : undefined;
  },
};
