import {loadSheets} from '../catalogue/sheets.ts';
import type {Target} from '../effects/connection.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {runPool} from '../effects/pool.ts';
import type {Facts} from '../facts/facts.ts';
import type {Fault} from '../model/fault.ts';
import {addressSysctls, explainSetting, type Explanation} from '../plan/explain.ts';
import {planHost} from '../plan/plan.ts';
import {sheetSysctls} from '../plan/sheet-sysctls.ts';
import type {PlanVariables} from '../plan/variables.ts';
import {faultOf} from './fault-of.ts';
import {gather, PROBE_TIMEOUT_MS} from './gather.ts';

export type HostExplanation = {host: string; explanation: Explanation; workload: string} | {host: string; fault: Fault};

export type ExplainOptions = {
  variablesOf: (host: string) => PlanVariables;
  matches?: (host: string, facts: Facts) => boolean;
  forks?: number;
  signal?: AbortSignal;
};

/** Explains one setting on every target. An address that is none is a `Fault` before any host is asked. */
export const explainOnHosts = async (
  address: string,
  targets: readonly Target[],
  options: ExplainOptions,
): Promise<readonly HostExplanation[]> => {
  const sheets = loadSheets();
  explainSetting(address, sheets);
  const wanted = {sysctls: [...sheetSysctls(sheets), ...addressSysctls(address)]};
  const one = async (target: Target, signal: AbortSignal, pacing: Pacing): Promise<HostExplanation | undefined> => {
    const host = target.name;
    try {
      const facts = await gather(target, {wanted, timeoutMs: PROBE_TIMEOUT_MS, signal, pacing});
      if (options.matches?.(host, facts) === false) return undefined;
      const plan = planHost(host, facts, sheets, options.variablesOf(host));
      return {host, explanation: explainSetting(address, sheets, {facts, plan}), workload: plan.workload};
    } catch (error) {
      return {host, fault: faultOf(error, host)};
    }
  };
  const results = await runPool(targets, one, options);
  return results.filter((result) => result !== undefined);
};
