import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Step} from '../../model/change.ts';
import {known} from '../../model/known.ts';
import type {Setting} from '../../model/setting.ts';
import {attributeSteps, featuresNow, mtuNow} from '../../resources/nic-steps.ts';
import {liveAttribute, splitAttribute} from '../../resources/nic-attributes.ts';
import {queuesNow as queueStepsNow} from '../../resources/queue-steps.ts';
import {receiveChannels, rssNow, rssSteps} from '../../resources/rss-table.ts';
import {mergedSteps} from './merge.ts';
import {attributeOf, isChannels} from './order.ts';

const optional = (steps: readonly Step[]): readonly Step[] =>
  steps.map((step) => (step.do === 'run' ? {...step, optional: true} : step));

const attributesNow = (nic: Nic, attributes: readonly string[]): readonly Step[] =>
  mergedSteps(
    attributes.flatMap((attribute) => {
      const live = liveAttribute(nic, attribute);
      const value = typeof live === 'object' && 'value' in live ? live.value : undefined;
      return value === undefined ? [] : (attributeSteps(nic.name, attribute, value) ?? []);
    }),
  );

const features = (nic: Nic, names: readonly string[]): readonly Step[] =>
  mergedSteps(
    featuresNow(nic, names).flatMap(
      ([name, on]) => attributeSteps(nic.name, `feature.${name}`, on ? 'on' : 'off') ?? [],
    ),
  );

/**
 * Coalescing: an adaptive driver changes its fixed values all the time, and some refuse them then (ice), so that these are
 * set where their direction was not adaptive, and then also where only the adaptive switch was touched.
 */
const coalescing = (nic: Nic, touched: readonly string[]): readonly Step[] => {
  const now = known(nic.coalesce) ?? {};
  const names = new Set(touched.map((attribute) => splitAttribute(attribute).name));
  for (const direction of ['rx', 'tx']) {
    const adaptive = names.has(`adaptive-${direction}`);
    for (const name of [`${direction}-usecs`, `${direction}-frames`]) {
      if (now[`adaptive-${direction}`] === true) names.delete(name);
      else if (adaptive && now[name] !== undefined) names.add(name);
    }
  }
  return attributesNow(
    nic,
    [...names].map((name) => `coalesce.${name}`),
  );
};

/** Whether these changes may remake the NIC's queues or rings, and with them all that hangs on queues and vectors. */
export const isRemade = (settings: readonly Setting[]): boolean =>
  settings.some((setting) => setting.effect === 'link-flap' || isChannels(setting));

const ALL_COALESCING = ['coalesce.adaptive-rx', 'coalesce.adaptive-tx'];

/** The table first comes down to what it was spread over then: -L is refused while it leads further. */
const channels = (nic: Nic, attributes: readonly string[], reached: number): readonly Step[] => {
  const slots = known(nic.rss)?.slots ?? [];
  const shrinks = slots.length > 0 && reached > (receiveChannels(nic) ?? reached);
  return [
    ...(shrinks ? rssSteps(nic.name, `equal ${String(Math.max(...slots) + 1)}`) : []),
    ...attributesNow(nic, attributes),
  ];
};

const isBondMember = (facts: Facts, {name}: Nic): boolean =>
  facts.nics.some(({bond}) => bond?.members.some((member) => member.name === name));

/**
 * What brings a NIC back to what the facts show, whatever part of the changes to these settings was made: in the order in
 * which drivers take it, and with all that a reset may have taken away. `reached` is the most rx channels it may have by now.
 */
export const nicUndo = (facts: Facts, nic: Nic, settings: readonly Setting[], reached: number): readonly Step[] => {
  const attributes = settings.map(({id}) => attributeOf(id).attribute).filter((attribute) => attribute !== '');
  const touched = (family: string): readonly string[] =>
    attributes.filter((attribute) => splitAttribute(attribute).family === family);
  const offloads = touched('feature').map((attribute) => splitAttribute(attribute).name);
  const remade = isRemade(settings);
  const ifRemade = (steps: readonly Step[]): readonly Step[] => (remade ? optional(steps) : []);
  const rings = touched('ring');
  const table = settings.some(({id}) => id.startsWith('rss ')) || touched('channels').length > 0;
  const moderation = touched('coalesce');
  return [
    ...attributesNow(nic, touched('private')),
    ...(touched('mtu').length > 0 ? mtuNow(facts, nic) : []),
    ...attributesNow(nic, touched('txqueuelen')),
    ...features(
      nic,
      offloads.filter((name) => name !== 'ntuple-filters'),
    ),
    ...(touched('pause').length > 0 ? attributesNow(nic, ['pause.autonegotiate', 'pause.rx', 'pause.tx']) : []),
    ...channels(nic, touched('channels'), reached),
    ...(rings.length > 0 ? attributesNow(nic, rings) : ifRemade(attributesNow(nic, ['ring.rx', 'ring.tx']))),
    ...(table ? rssNow(nic) : ifRemade(rssNow(nic))),
    ...features(
      nic,
      offloads.filter((name) => name === 'ntuple-filters'),
    ),
    ...(moderation.length > 0 ? coalescing(nic, moderation) : ifRemade(coalescing(nic, ALL_COALESCING))),
    ...['napi_defer_hard_irqs', 'gro_flush_timeout', 'threaded'].flatMap((name) => attributesNow(nic, touched(name))),
    ...(remade && nic.carrier === true && isBondMember(facts, nic) ? [{do: 'settle' as const, nic: nic.name}] : []),
    ...(remade ? queueStepsNow(facts, nic) : []),
  ];
};
