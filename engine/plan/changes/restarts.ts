import type {Facts} from '../../facts/facts.ts';
import type {Change, Step} from '../../model/change.ts';
import type {Setting} from '../../model/setting.ts';
import {DAEMON_RELOAD} from '../../resources/file.ts';
import {splitId} from '../../resources/lookup.ts';
import {restartStep, reviveStep, wasRunning} from '../../resources/service.ts';
import {serviceName, unitOf} from '../../resources/service-read.ts';

type Verb = 'restart' | 'reload';

type Ask = {unit: string; verb: Verb; place: number};

/** A unit to restart, with the places of the changes that ask for it. */
type Restart = {unit: string; verb: Verb; places: readonly number[]};

const asked = (settings: readonly Setting[], changes: readonly Change[]): readonly Restart[] => {
  const byId = new Map(settings.map((setting) => [setting.id, setting]));
  const all = changes.flatMap(({id}, place) => {
    const {restarts = [], reloads = []} = byId.get(id) ?? {};
    const of = (units: readonly string[], verb: Verb): readonly Ask[] =>
      units.map((unit) => ({unit: unitOf(unit), verb, place}));
    return [...of(restarts, 'restart'), ...of(reloads, 'reload')];
  });
  return [...Map.groupBy(all, ({unit}) => unit)].map(([unit, asks]) => ({
    unit,
    verb: asks.some(({verb}) => verb === 'restart') ? 'restart' : 'reload',
    places: asks.map(({place}) => place),
  }));
};

/** Where the changes start a unit themselves; -1 where they do not. */
const startOf = (changes: readonly Change[], unit: string): number =>
  changes.findLastIndex(({id, after}) => {
    const {kind, rest} = splitId(id);
    return kind === 'service' && unitOf(rest) === unit && after === 'running';
  });

const isNeeded =
  (changes: readonly Change[]) =>
  ({unit, places}: Restart): boolean =>
    startOf(changes, unit) < Math.max(...places);

const withSteps = (change: Change, steps: readonly Step[], undo: readonly Step[]): Change => ({
  ...change,
  steps: [...change.steps, ...steps],
  undo: [...change.undo, ...undo],
});

/**
 * Restarts and reloads that the changes' settings ask for: each unit once, after the last change of all, and not where the
 * changes start it after what it reads has changed. Going back, a unit that ran is restarted once all that it reads is as it
 * was: with the first of the changes that concern it, which is undone last.
 */
export const withRestarts = (
  facts: Facts,
  settings: readonly Setting[],
  changes: readonly Change[],
): readonly Change[] => {
  const restarts = asked(settings, changes).filter(isNeeded(changes));
  const last = changes.length - 1;
  return changes.map((change, place) => {
    const steps = place === last ? restarts.map(({unit, verb}) => restartStep(facts, unit, verb)) : [];
    const revived = restarts.filter(({unit, places}) => places[0] === place && wasRunning(facts, serviceName(unit)));
    return withSteps(
      change,
      steps,
      revived.map(({unit}) => reviveStep(facts, unit)),
    );
  });
};

const isReload = (step: Step): boolean => step === DAEMON_RELOAD;

/** Of neighbouring files only the last tells systemd that its units have changed. Going back each does. */
export const withOneReload = (changes: readonly Change[]): readonly Change[] =>
  changes.map((change, place) => {
    const next = changes[place + 1];
    const isTold = next?.id.startsWith('file ') === true && next.steps.some(isReload);
    return isTold ? {...change, steps: change.steps.filter((step) => !isReload(step))} : change;
  });
