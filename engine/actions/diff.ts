import {digestOf} from '../effects/files.ts';
import type {Facts} from '../facts/facts.ts';
import type {Connection} from '../effects/connection.ts';
import type {Target} from '../model/target.ts';
import type {Plan} from '../model/setting.ts';
import {foldSettings, type Row} from '../plan/fold.ts';
import {planIdentity} from '../plan/identity.ts';
import {summariseHost, type HostSummary} from '../plan/summary.ts';
import {variableSysctls} from '../plan/variables.ts';
import type {OpenHosts} from './open-hosts.ts';
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

export type DiffOptions = Omit<EachHostOptions<PlannedHost>, 'sysctlsOf' | 'asksOf' | 'keep'> & {
  planningOf: (host: string) => Planning;
  /** Keeps the connections of hosts that have something pending. */
  open?: OpenHosts;
};

/** Reads and plans every target. Writes nothing on any of them. */
export const diffHosts = async (targets: readonly Target[], options: DiffOptions): Promise<readonly HostDiff[]> => {
  const {planningOf} = options;
  const reading = {
    ...options,
    sysctlsOf: (host: string) => variableSysctls(planningOf(host).variables),
    asksOf: (host: string, facts: Facts) => asksOf(host, facts, planningOf(host)),
    keep: (host: string, connection: Connection, facts: Facts, {plan}: PlannedHost) =>
      plan.settings.some(({pending}) => pending.length > 0) &&
      (options.open?.keep(host, {connection, state: {facts, plan}}) ?? false),
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
