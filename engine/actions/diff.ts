import {digestOf} from '../effects/files.ts';
import type {Target} from '../model/target.ts';
import type {Plan} from '../model/setting.ts';
import {foldSettings, type Row} from '../plan/fold.ts';
import {planIdentity} from '../plan/identity.ts';
import {planHost} from '../plan/plan.ts';
import {summariseHost, type HostSummary} from '../plan/summary.ts';
import {variableSysctls, type PlanVariables} from '../plan/variables.ts';
import {onEachHost, type EachHostOptions, type HostResult} from './each-host.ts';

/** One host's plan, with what is needed to show it. */
export type PlannedHost = {
  plan: Plan;
  /** SHA-256 of what the plan relies on: the host's identity and the values before. */
  digest: string;
  rows: readonly Row[];
  summary: HostSummary;
};

export type HostDiff = HostResult<PlannedHost>;

export type DiffOptions = Omit<EachHostOptions<PlannedHost>, 'sysctlsOf'> & {
  variablesOf: (host: string) => PlanVariables;
};

/** Reads and plans every target. Writes nothing on any of them. */
export const diffHosts = async (targets: readonly Target[], options: DiffOptions): Promise<readonly HostDiff[]> =>
  onEachHost(targets, {...options, sysctlsOf: (host) => variableSysctls(options.variablesOf(host))}, (host, facts) => {
    const plan = planHost(host, facts, options.sheets, options.variablesOf(host));
    return {
      plan,
      digest: digestOf(planIdentity(facts, plan)),
      rows: foldSettings(plan.settings, facts.cpu),
      summary: summariseHost(facts, plan),
    };
  });
