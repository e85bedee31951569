import {loadSheets} from '../catalogue/sheets.ts';
import type {Target} from '../effects/connection.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {runPool} from '../effects/pool.ts';
import {writeRecording} from '../effects/recording.ts';
import type {Facts} from '../facts/facts.ts';
import type {Fault} from '../model/fault.ts';
import {sheetSysctls} from '../plan/sheet-sysctls.ts';
import {faultOf} from './fault-of.ts';
import {gather, PROBE_TIMEOUT_MS, probe} from './gather.ts';

export type HostFacts = {host: string; facts: Facts} | {host: string; fault: Fault};

export type FactsOptions = {
  forks?: number;
  signal?: AbortSignal;
  matches?: (host: string, facts: Facts) => boolean;
  onStart?: (host: string) => void;
  onResult?: (host: string) => void;
};

/** Reads every target; the result's order is the targets' own, less those that do not match. */
export const gatherHosts = async (targets: readonly Target[], options: FactsOptions): Promise<readonly HostFacts[]> => {
  const wanted = {sysctls: sheetSysctls(loadSheets())};
  const one = async (target: Target, signal: AbortSignal, pacing: Pacing): Promise<HostFacts | undefined> => {
    const host = target.name;
    options.onStart?.(host);
    const result = await gather(target, {wanted, timeoutMs: PROBE_TIMEOUT_MS, signal, pacing})
      .then((facts): HostFacts | undefined => (options.matches?.(host, facts) === false ? undefined : {host, facts}))
      .catch((error: unknown): HostFacts => ({host, fault: faultOf(error, host)}));
    options.onResult?.(host);
    return result;
  };
  const results = await runPool(targets, one, options);
  return results.filter((result) => result !== undefined);
};

/** Saves what one host's probe answers as a scrubbed recording, which replays as a host. */
export const recordHost = async (target: Target, file: string, signal?: AbortSignal): Promise<void> => {
  const wanted = {sysctls: sheetSysctls(loadSheets())};
  const {output, token} = await probe(target, {wanted, timeoutMs: PROBE_TIMEOUT_MS, ...(signal ? {signal} : {})});
  await writeRecording(file, output, token);
};
