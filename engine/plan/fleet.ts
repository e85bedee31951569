import type {Finding, Plan} from '../model/setting.ts';
import type {Row} from './fold.ts';

/** What a fleet's picture needs of one host. */
export type HostRows = {host: string; plan: Plan; rows: readonly Row[]};

/** Hosts that are in the same state and get the same plan. */
export type HostGroup<T extends HostRows> = {
  hosts: readonly string[];
  /** Any of them: they say the same. */
  example: T;
  /** Set on an outlier: the group it is compared with, and what it does not share with it. */
  outlier?: {
    of: readonly string[];
    rows: readonly Row[];
    findings: readonly Finding[];
    lacks: readonly Row[];
    shared: number;
  };
};

const pendingOf = (rows: readonly Row[]): readonly Row[] => rows.filter((row) => row.pending.length > 0);

const rowKey = (row: Row): string =>
  JSON.stringify([row.subject, row.label, row.live, row.boot, row.want, row.effect, row.management]);

const findingKey = (finding: Finding): string => JSON.stringify([finding.code, finding.about, finding.message]);

const stateKey = ({plan, rows}: HostRows): string =>
  JSON.stringify([plan.workload, pendingOf(rows).map(rowKey), plan.findings.map(findingKey), plan.blocks]);

const compare = <T extends HostRows>(group: HostGroup<T>, base: HostGroup<T>): HostGroup<T> => {
  const own = pendingOf(group.example.rows);
  const baseRows = pendingOf(base.example.rows);
  const ownKeys = new Set(own.map(rowKey));
  const baseKeys = new Set(baseRows.map(rowKey));
  const rows = own.filter((row) => !baseKeys.has(rowKey(row)));
  const shared = own.length - rows.length;
  if (shared === 0 || rows.length > shared) return group;
  const ownLabels = new Set(own.map((row) => `${row.subject} ${row.label}`));
  const baseFindings = new Set(base.example.plan.findings.map(findingKey));
  return {
    ...group,
    outlier: {
      of: base.hosts,
      rows,
      shared,
      findings: group.example.plan.findings.filter((finding) => !baseFindings.has(findingKey(finding))),
      lacks: baseRows.filter((row) => !ownKeys.has(rowKey(row)) && !ownLabels.has(`${row.subject} ${row.label}`)),
    },
  };
};

/**
 * Puts hosts of equal state together, largest group first. A smaller group that shares more than half of the largest
 * one's changes becomes an outlier of it, so that only what sets it apart need be read.
 */
export const groupHosts = <T extends HostRows>(hosts: readonly T[]): readonly HostGroup<T>[] => {
  const byState = new Map<string, T[]>();
  for (const host of hosts) {
    const key = stateKey(host);
    const same = byState.get(key);
    if (same) same.push(host);
    else byState.set(key, [host]);
  }
  const groups = [...byState.values()].flatMap((same): HostGroup<T>[] => {
    const [example] = same;
    return example ? [{hosts: same.map((one) => one.host), example}] : [];
  });
  groups.sort((a, b) => b.hosts.length - a.hosts.length);
  const [base] = groups;
  if (base === undefined || base.hosts.length < 2) return groups;
  return groups.map((group) => (group === base ? group : compare(group, base)));
};
