import {loadSheets} from '../catalogue/sheets.ts';
import type {Facts} from '../facts/facts.ts';
import type {Target} from '../effects/connection.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {digestOf} from '../effects/files.ts';
import {runPool} from '../effects/pool.ts';
import type {Fault} from '../model/fault.ts';
import type {Plan} from '../model/setting.ts';
import {foldSettings, type Row} from '../plan/fold.ts';
import {planIdentity} from '../plan/identity.ts';
import {planHost} from '../plan/plan.ts';
import {sheetSysctls} from '../plan/sheet-sysctls.ts';
import {summariseHost, type HostSummary} from '../plan/summary.ts';
import type {PlanVariables} from '../plan/variables.ts';
import {faultOf} from './fault-of.ts';
import {gather, PROBE_TIMEOUT_MS} from './gather.ts';

/** What became of one host. The facts are let go: a fleet's diff must not hold a fleet's facts. */
export type HostDiff =
  | {host: string; outcome: 'planned'; plan: Plan; digest: string; rows: readonly Row[]; summary: HostSummary}
  | {host: string; outcome: 'failed'; fault: Fault};

export type DiffOptions = {
  variablesOf: (host: string) => PlanVariables;
  /** Hosts whose facts do not match are left out of the result. */
  matches?: (host: string, facts: Facts) => boolean;
  forks?: number;
  signal?: AbortSignal;
  onStart?: (host: string) => void;
  onResult?: (result: HostDiff | {host: string; outcome: 'left-out'}) => void;
};

/**
 * Reads and plans every target, at most `forks` at once, and tells each result as it comes. The result's order is the
 * targets' own. One host's failure never hides another's.
 */
export const diffHosts = async (targets: readonly Target[], options: DiffOptions): Promise<readonly HostDiff[]> => {
  const sheets = loadSheets();
  const wanted = {sysctls: sheetSysctls(sheets)};
  const one = async (target: Target, signal: AbortSignal, pacing: Pacing): Promise<HostDiff | undefined> => {
    const host = target.name;
    options.onStart?.(host);
    const result = await gather(target, {wanted, timeoutMs: PROBE_TIMEOUT_MS, signal, pacing})
      .then((facts): HostDiff | undefined => {
        if (options.matches && !options.matches(host, facts)) return undefined;
        const plan = planHost(host, facts, sheets, options.variablesOf(host));
        return {
          host,
          outcome: 'planned',
          plan,
          digest: digestOf(planIdentity(facts, plan)),
          rows: foldSettings(plan.settings, facts.cpu),
          summary: summariseHost(facts, plan),
        };
      })
      .catch((error: unknown): HostDiff => ({host, outcome: 'failed', fault: faultOf(error, host)}));
    options.onResult?.(result ?? {host, outcome: 'left-out'});
    return result;
  };
  const results = await runPool(targets, one, options);
  return results.filter((result) => result !== undefined);
};
