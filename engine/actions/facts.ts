import {writeRecording} from '../effects/recording.ts';
import {factScripts, type Facts} from '../facts/facts.ts';
import type {Target} from '../model/target.ts';
import type {Sheets} from '../plan/sheet.ts';
import {sheetSysctls} from '../plan/sheet-sysctls.ts';
import {onEachHost, type EachHostOptions, type HostResult} from './each-host.ts';
import {probe, PROBE_TIMEOUT_MS} from './gather.ts';

export type HostFacts = HostResult<Facts>;

/** Reads every target. */
export const gatherHosts = async (
  targets: readonly Target[],
  options: EachHostOptions<Facts>,
): Promise<readonly HostFacts[]> => onEachHost(targets, options, (_host, facts) => facts);

/** Saves what one host's probe answers as a scrubbed recording, which replays as a host. */
export const recordHost = async (target: Target, file: string, sheets: Sheets, signal?: AbortSignal): Promise<void> => {
  const scripts = factScripts({sysctls: sheetSysctls(sheets)});
  const {output, token} = await probe(target, {scripts, timeoutMs: PROBE_TIMEOUT_MS, ...(signal ? {signal} : {})});
  await writeRecording(file, output, token);
};
