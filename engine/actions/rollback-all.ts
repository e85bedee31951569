import type {Target} from '../model/target.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import type {RunSpec} from '../plan/run/spec.ts';
import type {AgreementOptions} from './agreement.ts';
import type {ApplyName, HostApply} from './apply.ts';
import type {DrainCommands} from './drain.ts';
import {type HostRollback, rollbackHosts, waysBack} from './rollback.ts';

export type {HostRollback} from './rollback.ts';

type Options = {
  confirmSeconds: number;
  forks?: number;
  signal: AbortSignal;
  drainOf: (host: string) => DrainCommands;
  agreement: AgreementOptions;
  onNote?: (host: string, text: string) => void;
  onEvent?: (host: string, run: RunSpec, event: RunEvent) => void;
  onRollback?: (result: HostRollback) => void;
};

/** Whether something of the apply may stand on the host. */
const mayStand = (result: HostApply): boolean => {
  if ('fault' in result) return result.begun === true;
  return (result.value.outcome === 'done' || result.value.outcome === 'stopped') && result.value.changed > 0;
};

/**
 * Takes back what an apply has changed, on every host where something of it stands, each by its own journal and under its
 * guard. What somebody else has changed since is left alone, and told.
 */
export const rollBackAll = async (
  targets: readonly Target[],
  results: readonly HostApply[],
  {id}: ApplyName,
  {onRollback, ...options}: Options,
): Promise<readonly HostRollback[]> => {
  const changed = new Set(results.filter(mayStand).map(({host}) => host));
  const asked = targets.filter(({name}) => changed.has(name));
  const common = {run: id, ...options};
  const ways = await waysBack(asked, common);
  const approved = new Map(
    ways.flatMap((way) => ('value' in way && way.value.way === 'back' ? [[way.host, way.value.digest] as const] : [])),
  );
  const unread = ways.flatMap((way): HostRollback[] => ('fault' in way ? [way] : []));
  for (const one of unread) onRollback?.(one);
  const done = await rollbackHosts(
    asked.filter(({name}) => approved.has(name)),
    {...common, approved, force: false, ...(onRollback === undefined ? {} : {onDone: onRollback})},
  );
  return [...unread, ...done];
};
