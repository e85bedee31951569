import type {Facts} from '../facts/facts.ts';
import type {Request} from './request.ts';
import type {PlanVariables} from './variables.ts';

/** Programs that linerate stops for good where `linerate_take_over` names them. */
export const STOPPED_BY_TAKE_OVER: readonly string[] = ['tuned'];

const IDS: ReadonlySet<string> = new Set(STOPPED_BY_TAKE_OVER.map((name) => `service ${name}`));

/** Whether a setting is the state of a program that was taken over from. */
export const isTakenOver = ({id}: {id: string}): boolean => IDS.has(id);

/** Asks that the programs that are taken over from be stopped, where they are installed. */
export const takeOverRequests = (facts: Facts, {takeOver, at}: PlanVariables): readonly Request[] =>
  facts.services.services
    .filter(({name}) => STOPPED_BY_TAKE_OVER.includes(name) && takeOver.includes(name))
    .map(({name}): Request => {
      const asked = at['take_over'] ?? 'linerate_take_over';
      return {
        id: `service ${name}`,
        operation: 'to',
        value: 'stopped',
        why: 'linerate takes over: it would set values of its own again, and put earlier ones back when it stops',
        source: asked,
        from: {layer: 'inventory', at: asked},
        specific: true,
      };
    });
