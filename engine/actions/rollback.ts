import {hostname, userInfo} from 'node:os';
import {connect} from '../effects/connections/connect.ts';
import {runPool} from '../effects/pool.ts';
import type {Fault} from '../model/fault.ts';
import type {Target} from '../model/target.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import type {RunSpec} from '../plan/run/spec.ts';
import {newRunId} from './apply.ts';
import {agreementOf, type AgreementOptions} from './agreement.ts';
import {drainAround, type DrainCommands, type HostEnd} from './drain.ts';
import {faultless, type HostResult} from './each-host.ts';
import {rollbackHost, type RollbackHostOptions, type RolledBack, type Way, wayBack} from './rollback-host.ts';

export {askYes} from '../effects/terminal.ts';

export type HostWay = HostResult<Way>;
export type HostRollback = HostResult<RolledBack> & {
  /** Why it may still be out of service. */
  drained?: Fault;
};

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
  drainOf: (host: string) => DrainCommands;
  agreement: AgreementOptions;
  onEvent?: (host: string, run: RunSpec, event: RunEvent) => void;
  /** What else happens to a host. */
  onNote?: (host: string, text: string) => void;
  onDone?: (result: HostRollback) => void;
};

/** Reads what a rollback comes to on every target; writes nothing. */
export const waysBack = async (targets: readonly Target[], options: Common): Promise<readonly HostWay[]> =>
  runPool(
    targets,
    async (target, signal, pacing): Promise<HostWay> => {
      const connection = connect(target, {signal, pacing});
      try {
        return await faultless(target.name, async () => wayBack(connection, target.name, options.run));
      } finally {
        await connection.close();
      }
    },
    options,
  );

const endOf = (result: HostResult<RolledBack>): HostEnd => {
  if ('fault' in result) return {fault: result.fault};
  return result.value.outcome === 'stopped' ? {stopped: result.value.run} : {};
};

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
  const one = async (target: Target, rest: Pick<RollbackHostOptions, 'signal' | 'pacing'>): Promise<HostRollback> => {
    const host = target.name;
    const onNote = (text: string): void => options.onNote?.(host, text);
    const drain = drainAround(target, {...options.drainOf(host), id: common.id, signal: rest.signal, onNote});
    const result = await faultless(host, async () =>
      rollbackHost(target, {
        ...common,
        ...rest,
        approved: options.approved.get(host) ?? '',
        onEvent: (spec, event) => options.onEvent?.(host, spec, event),
        beforeRun: drain.beforeRun,
        agree: agreementOf(target, undefined, common.id, options.agreement),
      }),
    );
    const drained = await drain.end(endOf(result));
    return {...result, ...(drained === undefined ? {} : {drained})};
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
