import {hostname, userInfo} from 'node:os';
import {connect} from '../effects/connections/connect.ts';
import {runPool} from '../effects/pool.ts';
import type {Target} from '../model/target.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import type {RunSpec} from '../plan/run/spec.ts';
import {newRunId} from './apply.ts';
import {faultOf, type HostResult} from './each-host.ts';
import {rollbackHost, type RolledBack, type Way, wayBack} from './rollback-host.ts';

export {askYes} from '../effects/terminal.ts';

export type HostWay = HostResult<Way>;
export type HostRollback = HostResult<RolledBack>;

type Common = {
  /** The run or apply to take back; each host's last confirmed apply when absent. */
  run?: string;
  forks?: number;
  signal: AbortSignal;
};

export type RollbackOptions = Common & {
  /** The approved ways' digests by host. */
  approved: ReadonlyMap<string, string>;
  force: boolean;
  confirmSeconds: number;
  onEvent?: (host: string, run: RunSpec, event: RunEvent) => void;
  onDone?: (result: HostRollback) => void;
};

/** Reads what a rollback comes to on every target; writes nothing. */
export const waysBack = async (targets: readonly Target[], options: Common): Promise<readonly HostWay[]> =>
  runPool(
    targets,
    async (target, signal, pacing): Promise<HostWay> => {
      const connection = connect(target, {signal, pacing});
      try {
        return {host: target.name, value: await wayBack(connection, target.name, options.run)};
      } catch (error) {
        return {host: target.name, fault: faultOf(error, target.name)};
      } finally {
        await connection.close();
      }
    },
    options,
  );

/** Takes an apply back on every target, each under its guard. One host's failure never hides another's. */
export const rollbackHosts = async (
  targets: readonly Target[],
  options: RollbackOptions,
): Promise<readonly HostRollback[]> => {
  const now = new Date();
  const {force, confirmSeconds, run} = options;
  const common = {
    force,
    confirmSeconds,
    ...(run === undefined ? {} : {run}),
    id: newRunId(now),
    by: `${userInfo().username}@${hostname()}`,
    at: now.toISOString(),
  };
  const one = async (target: Target, rest: Pick<Parameters<typeof rollbackHost>[1], 'signal' | 'pacing'>) => {
    const host = target.name;
    const approved = options.approved.get(host) ?? '';
    try {
      const onEvent = (spec: RunSpec, event: RunEvent): void => options.onEvent?.(host, spec, event);
      return {host, value: await rollbackHost(target, {...common, ...rest, approved, onEvent})};
    } catch (error) {
      return {host, fault: faultOf(error, host)};
    }
  };
  return runPool(
    targets,
    async (target, signal, pacing): Promise<HostRollback> => {
      const result = await one(target, {signal, pacing});
      options.onDone?.(result);
      return result;
    },
    options,
  );
};
