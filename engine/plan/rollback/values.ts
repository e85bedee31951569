import type {Facts} from '../../facts/facts.ts';
import type {SettingId} from '../../model/setting.ts';
import {irqsOf} from '../../resources/lookup.ts';
import {phaseOf} from '../changes/order.ts';
import type {Journal} from '../run/history.ts';
import {type Apply, isConfirmed} from './applies.ts';

/** What a setting held before an apply and what the apply made of it. */
export type Earlier = {id: SettingId; run: string; before?: string; after?: string};

type QueueStep = Journal['changes'][number]['disturbs'][number];

/** What the kernel kept as it was is not the run's doing. */
const limited = ({events}: Journal): ReadonlySet<number> =>
  new Set(events.flatMap((event) => (event.event === 'limit' ? [event.change] : [])));

const changesOfRun = (run: Journal): readonly Earlier[] => {
  const limits = limited(run);
  return run.changes
    .filter((_, place) => !limits.has(place))
    .map(({id, before, after}) => ({id, run: run.id, after, ...(before === undefined ? {} : {before})}));
};

/** Each live setting of an apply once: what it held before the first of its runs, and what the last one made of it. */
export const earlierValues = ({runs}: Apply): readonly Earlier[] => {
  const values = new Map<SettingId, Earlier>();
  for (const one of runs.filter(isConfirmed).flatMap(changesOfRun)) {
    const first = values.get(one.id);
    values.set(one.id, first ? {...first, ...(one.after === undefined ? {} : {after: one.after})} : one);
  }
  return [...values.values()];
};

const ATTRIBUTES: Readonly<Record<string, string>> = {
  rps_cpus: 'rps',
  rps_flow_cnt: 'rfs',
  xps_cpus: 'xps',
  'byte_queue_limits/limit_min': 'bql.limit_min',
  'byte_queue_limits/limit_max': 'bql.limit_max',
};

const ofQueue = ({path, text}: QueueStep & {do: 'write'}): readonly (readonly [SettingId, string])[] => {
  const [, nic = '', queue = '', file = ''] = /^\/sys\/class\/net\/([^/]+)\/queues\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const attribute = ATTRIBUTES[file];
  return attribute === undefined ? [] : [[`queue ${nic} ${queue} ${attribute}`, text]];
};

const ofInterrupt = (
  facts: Facts,
  {irq, cpus}: QueueStep & {do: 'affinity'},
): readonly (readonly [SettingId, string])[] =>
  facts.nics.flatMap(({name}) =>
    [...irqsOf(facts, name)].flatMap(([vector, found]) =>
      found.name === irq ? [[`irq ${name} ${vector}`, cpus] as const] : [],
    ),
  );

/**
 * What hung on the queues and interrupts of the NICs that an apply reset, as it was before the first reset: by the names
 * that the interrupts have now.
 */
const disturbed = (facts: Facts, {runs}: Apply): ReadonlyMap<SettingId, string> =>
  new Map(
    runs
      .filter(isConfirmed)
      .flatMap(({changes}) => changes.flatMap(({disturbs}) => disturbs))
      .flatMap((step) => (step.do === 'write' ? ofQueue(step) : ofInterrupt(facts, step)))
      // Of two resets the earlier one saw what was there at first.
      .toReversed(),
  );

/**
 * The values of an apply's settings, with those that its resets took away: of a queue the value before the reset and not the
 * one that the reset left.
 */
export const valuesBefore = (facts: Facts, apply: Apply): readonly Earlier[] => {
  const disturbs = disturbed(facts, apply);
  const values = earlierValues(apply);
  const named = new Set(values.map(({id}) => id));
  return [
    ...values.map((one) => {
      const before = phaseOf(one.id) === 'queues' ? disturbs.get(one.id) : undefined;
      return before === undefined ? one : {...one, before};
    }),
    ...[...disturbs].filter(([id]) => !named.has(id)).map(([id, before]) => ({id, run: apply.id, before})),
  ];
};
