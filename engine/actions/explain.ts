import type {Target} from '../model/target.ts';
import {addressSysctls, explainSetting, type Explanation} from '../plan/explain.ts';
import {planHost} from '../plan/plan.ts';
import {variableSysctls, type PlanVariables} from '../plan/variables.ts';
import {onEachHost, type EachHostOptions, type HostResult} from './each-host.ts';

export type ExplainedSetting = {explanation: Explanation; workload: string};

export type HostExplanation = HostResult<ExplainedSetting>;

export type ExplainOptions = Omit<EachHostOptions<ExplainedSetting>, 'sysctlsOf'> & {
  variablesOf: (host: string) => PlanVariables;
};

/** Explains one setting on every target. An address that is none is a `Fault` before any host is asked. */
export const explainOnHosts = async (
  address: string,
  targets: readonly Target[],
  options: ExplainOptions,
): Promise<readonly HostExplanation[]> => {
  explainSetting(address, options.sheets);
  const sysctlsOf = (host: string): readonly string[] => [
    ...addressSysctls(address),
    ...variableSysctls(options.variablesOf(host)),
  ];
  return onEachHost(targets, {...options, sysctlsOf}, (host, facts) => {
    const plan = planHost(host, facts, options.sheets, options.variablesOf(host));
    return {explanation: explainSetting(address, options.sheets, {facts, plan}), workload: plan.workload};
  });
};
