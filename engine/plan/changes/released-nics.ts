import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Step} from '../../model/change.ts';
import {known} from '../../model/known.ts';
import type {Setting} from '../../model/setting.ts';
import {interfacesOf} from '../../resources/driver.ts';
import {splitId} from '../../resources/lookup.ts';
import {receiveChannels} from '../../resources/rss-table.ts';
import {nicUndo} from './nic-undo.ts';

const SCALARS = ['mtu', 'txqueuelen', 'napi_defer_hard_irqs', 'gro_flush_timeout', 'threaded'];

/** Every attribute of a NIC that somebody may have set. */
const attributesOf = (nic: Nic): readonly string[] => [
  ...Object.keys(known(nic.privateFlags) ?? {}).map((flag) => `private.${flag}`),
  ...SCALARS,
  ...Object.entries(known(nic.features) ?? {}).flatMap(([name, {fixed}]) => (fixed ? [] : [`feature.${name}`])),
  ...(known(nic.pause) ? ['pause.rx'] : []),
  ...Object.keys(known(nic.channels)?.now ?? {}).map((name) => `channels.${name}`),
  ...Object.keys(known(nic.rings)?.now ?? {}).map((name) => `ring.${name}`),
  ...Object.keys(known(nic.coalesce) ?? {}).map((name) => `coalesce.${name}`),
];

/** A NIC's attribute as the setting that a reset of the whole NIC would touch. */
const touched = ({name}: Nic, attribute: string): Setting => ({
  id: `nic ${name} ${attribute}`,
  live: 'absent',
  boot: {held: 'default'},
  want: '',
  pending: [],
  why: '',
  source: '',
  from: {layer: 'recipe', at: ''},
  effect: 'link-flap',
  undo: 'exact',
});

/**
 * What a function's interfaces had of their own, for when its kernel driver is back, which starts with its defaults. A driver
 * that does not take a value back has most likely never had it, so each step may fail.
 */
export const releasedNics = (facts: Facts, id: string): readonly Step[] => {
  const {kind, rest} = splitId(id);
  if (kind !== 'driver') return [];
  return interfacesOf(facts, rest).flatMap((nic) => {
    const settings = attributesOf(nic).map((attribute) => touched(nic, attribute));
    const steps = nicUndo(facts, nic, settings, receiveChannels(nic) ?? 0);
    return steps.map((step): Step => (step.do === 'run' ? {...step, optional: true} : step));
  });
};
