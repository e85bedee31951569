import {hostname, userInfo} from 'node:os';
import {randomBytes} from 'node:crypto';
import {loadFileTemplates} from '../catalogue/file-templates.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {runPool} from '../effects/pool.ts';
import {factScripts} from '../facts/facts.ts';
import type {Target} from '../model/target.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import type {RunSpec} from '../plan/run/spec.ts';
import {sheetSysctls} from '../plan/sheet-sysctls.ts';
import type {Sheets} from '../plan/sheet.ts';
import {variableSysctls, type PlanVariables} from '../plan/variables.ts';
import {applyHost, type Applied} from './apply-host.ts';
import {faultOf, type HostResult} from './each-host.ts';

export {askYes} from '../effects/terminal.ts';

export type HostApply = HostResult<Applied>;

export type ApplyOptions = {
  sheets: Sheets;
  variablesOf: (host: string) => PlanVariables;
  /** The approved plans' digests by host: a host without one, or with another one, is left alone. */
  approved: ReadonlyMap<string, string>;
  confirmSeconds: number;
  allowIrreversible: boolean;
  forks?: number;
  /** How many hosts are provisioned before the next ones are begun; all when absent. */
  serial?: number;
  /** Failed hosts of a batch, in percent, beyond which no further batch is begun. */
  maxFailPercentage?: number;
  signal: AbortSignal;
  onEvent?: (host: string, run: RunSpec, event: RunEvent) => void;
  onDone?: (result: HostApply) => void;
};

/** Sorts by time, and no two are the same. */
export const newRunId = (now: Date): string =>
  `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;

const failed = (result: HostApply): boolean =>
  'fault' in result || result.value.outcome === 'stopped' || result.value.outcome === 'stale';

const batches = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({length: Math.ceil(items.length / size)}, (_, index) => items.slice(index * size, (index + 1) * size));

/**
 * Provisions targets batch by batch. One host's failure never hides another's; after a batch with too many failures the
 * hosts of the next ones are not in the result.
 */
export const applyToHosts = async (
  targets: readonly Target[],
  options: ApplyOptions,
): Promise<readonly HostApply[]> => {
  const sysctls = sheetSysctls(options.sheets);
  const templates = loadFileTemplates();
  const now = new Date();
  const run = {id: newRunId(now), by: `${userInfo().username}@${hostname()}`, at: now.toISOString()};
  const one = async (target: Target, signal: AbortSignal, pacing: Pacing): Promise<HostApply> => {
    const host = target.name;
    const variables = options.variablesOf(host);
    try {
      const value = await applyHost(target, {
        ...run,
        sheets: options.sheets,
        templates,
        variables,
        scripts: factScripts({sysctls: [...sysctls, ...variableSysctls(variables)]}),
        approved: options.approved.get(host) ?? '',
        confirmSeconds: options.confirmSeconds,
        allowIrreversible: options.allowIrreversible,
        pacing,
        signal,
        onEvent: (spec, event) => options.onEvent?.(host, spec, event),
      });
      return {host, value};
    } catch (error) {
      return {host, fault: faultOf(error, host)};
    }
  };
  const results: HostApply[] = [];
  for (const batch of batches(targets, options.serial ?? Math.max(1, targets.length))) {
    const done = await runPool(
      batch,
      async (target, signal, pacing) => {
        const result = await one(target, signal, pacing);
        options.onDone?.(result);
        return result;
      },
      options,
    );
    results.push(...done);
    const percentage = (done.filter(failed).length * 100) / batch.length;
    if (options.signal.aborted || percentage > (options.maxFailPercentage ?? 100)) break;
  }
  return results;
};
