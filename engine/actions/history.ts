import {readHistory} from '../effects/apply/history.ts';
import {connect} from '../effects/connections/connect.ts';
import {runPool} from '../effects/pool.ts';
import type {Target} from '../model/target.ts';
import type {Journal} from '../plan/run/history.ts';
import {faultOf, type HostResult} from './each-host.ts';

export type HostHistory = HostResult<readonly Journal[]>;

export type HistoryOptions = {forks?: number; signal: AbortSignal};

/** Reads the journals that every target keeps, the oldest run first; one host's failure never hides another's. */
export const historyOfHosts = async (
  targets: readonly Target[],
  options: HistoryOptions,
): Promise<readonly HostHistory[]> =>
  runPool(
    targets,
    async (target, signal, pacing): Promise<HostHistory> => {
      const connection = connect(target, {signal, pacing});
      try {
        return {host: target.name, value: await readHistory(connection)};
      } catch (error) {
        return {host: target.name, fault: faultOf(error, target.name)};
      } finally {
        await connection.close();
      }
    },
    options,
  );
