import {digestOf} from '../effects/files.ts';
import type {Facts} from '../facts/facts.ts';
import type {Target} from '../model/target.ts';
import type {Plan} from '../model/setting.ts';
import {foldSettings, type Row} from '../plan/fold.ts';
import {planIdentity} from '../plan/identity.ts';
import {summariseHost, type HostSummary} from '../plan/summary.ts';
import {variableSysctls} from '../plan/variables.ts';
import {asksOf, planFor, type Planning} from './planning.ts';
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

export type DiffOptions = Omit<EachHostOptions<PlannedHost>, 'sysctlsOf' | 'asksOf'> & {
  planningOf: (host: string) => Planning;
};

/** Reads and plans every target. Writes nothing on any of them. */
export const diffHosts = async (targets: readonly Target[], options: DiffOptions): Promise<readonly HostDiff[]> => {
  const {planningOf} = options;
  const reading = {
    ...options,
    sysctlsOf: (host: string) => variableSysctls(planningOf(host).variables),
    asksOf: (host: string, facts: Facts) => asksOf(host, facts, planningOf(host)),
  };
  return onEachHost(targets, reading, (host, facts) => {
    const plan = planFor(host, facts, planningOf(host));
    return {
      plan,
      digest: digestOf(planIdentity(facts, plan)),
      rows: foldSettings(plan.settings, facts.cpu),
      summary: summariseHost(facts, plan),
    };
  });
};
