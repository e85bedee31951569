import {parseFacts, type Facts} from '../../engine/facts/facts.ts';
import type {Frames} from '../../engine/facts/frames.ts';
import type {Plan, Setting} from '../../engine/model/setting.ts';
import {changesOf} from '../../engine/plan/changes/changes.ts';
import {lastingChanges} from '../../engine/plan/lasting/lasting-changes.ts';
import {withArguments} from './apply.ts';
import {framesAfter, stepsOf, TEMPLATES} from './lasting.ts';
import {carryOutSteps} from './steps/carry-out.ts';
import {factsNow, stepHost} from './steps/host.ts';

/** A host at one moment of an apply, with the settings that were refused until then. */
export type Stage = {facts: Facts; refused: ReadonlySet<string>};

type Planner = (facts: Facts) => Plan;

const REST = {first: 0, last: 0};

/** Nothing is lost any more, and what was is forgotten, as after a reboot. */
const atRest = (facts: Facts): Facts => ({
  ...facts,
  evidence: {seconds: 1, softnet: {processed: REST, dropped: REST, timeSqueeze: REST}, nics: {}},
});

/** A host on the model of which the steps of both phases were carried out; its counters rest. */
export const appliedLive = (before: Facts, planOf: Planner): Stage => {
  const host = stepHost(before);
  const refused = new Set<string>();
  for (const phase of ['devices', 'queues'] as const) {
    const facts = factsNow(host);
    const {changes, blocks} = changesOf(facts, planOf(facts), phase);
    carryOutSteps(host, stepsOf(changes));
    for (const {id} of blocks) refused.add(id);
  }
  return {facts: atRest(factsNow(host)), refused};
};

type Wants = readonly (readonly [name: string, want: string])[];

const limitsWith = (limits: Facts['limits'], wants: Wants): Facts['limits'] => ({
  ...limits,
  ...Object.fromEntries(
    wants.map(([item, want]) => {
      const value = want === 'unlimited' ? want : Number(want);
      return item === 'nofile' ? ['nofileHard', value] : ['memlockKb', value];
    }),
  ),
});

const servicesWith = (files: Facts['services'], live: Facts['services']): Facts['services'] => {
  const active = new Map(live.services.map((service) => [service.name, service.active]));
  const liveArguments = live.irqbalance?.liveArguments;
  return {
    ...files,
    services: files.services.map((one) => ({...one, active: active.get(one.name) ?? one.active})),
    ...(liveArguments === undefined ? {} : {irqbalance: {...files.irqbalance, liveArguments}}),
  };
};

/**
 * The same host once what was pending at boot has been made to last, and once it was rebooted into its kernel arguments and
 * limits. `frames`: what the probe brought before all this.
 */
export const madeLasting = ({facts: live, refused}: Stage, first: Plan, frames: Frames, planOf: Planner): Stage => {
  const pending = new Set(first.settings.flatMap(({id, pending}) => (pending.includes('boot') ? [id] : [])));
  const settings = planOf(live).settings.map((one): Setting =>
    pending.has(one.id) ? {...one, pending: ['boot']} : one,
  );
  const {changes, blocks} = lastingChanges(live, {settings}, TEMPLATES, {allowIrreversible: true});
  const files = parseFacts(framesAfter(frames, stepsOf(changes)));
  const all = new Set([...refused, ...blocks.map(({id}) => id)]);
  const wants = (kind: string): Wants =>
    settings.filter(({id}) => id.startsWith(kind) && !all.has(id)).map(({id, want}) => [id.slice(kind.length), want]);
  return {
    refused: all,
    facts: {
      ...files,
      power: live.power,
      numa: live.numa,
      nics: live.nics,
      mounts: live.mounts,
      evidence: live.evidence,
      sysctls: {live: live.sysctls.live, configured: files.sysctls.configured},
      services: servicesWith(files.services, live.services),
      limits: limitsWith(files.limits, wants('limit ')),
      boot: withArguments(live.boot, wants('boot ')),
    },
  };
};

/** Whether only a reboot or a new login changes it live. */
const waits = (id: string): boolean => /^(?:boot|limit) /.test(id);

/** How a plan made after an apply differs from the one that was applied, where it should not; in words. */
export const unsteady = (
  first: Plan,
  again: Plan,
  stage: 'live' | 'lasting',
  refused: ReadonlySet<string>,
): string[] => {
  const later = new Map(again.settings.map((setting) => [setting.id, setting]));
  const known = new Set(first.settings.map(({id}) => id));
  const changed = first.settings.flatMap(({id, want, pending}): string[] => {
    const now = later.get(id);
    if (now?.want !== want) return [`${id}: ${want}, then ${now?.want ?? 'not in the plan'}`];
    if (refused.has(id)) return [];
    const left = stage === 'lasting' ? now.pending : now.pending.filter((layer) => layer === 'live' && !waits(id));
    const lost = stage === 'lasting' && pending.includes('boot') && now.boot.held === 'default';
    return [...left.map((layer) => `${id}: ${layer} pending`), ...(lost ? [`${id}: set by nobody at boot`] : [])];
  });
  return [...changed, ...again.settings.filter(({id}) => !known.has(id)).map(({id}) => `${id}: new`)];
};
