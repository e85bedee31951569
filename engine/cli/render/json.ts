import type {HostDiff} from '../../actions/diff.ts';
import type {Fault} from '../../model/fault.ts';

/** A fault as plain JSON; its cause stays out, as it may hold anything. */
export const faultJson = (fault: Fault): Readonly<Record<string, string>> => ({
  code: fault.code,
  owner: fault.owner,
  message: fault.message,
  ...(fault.hint === undefined ? {} : {hint: fault.hint}),
  ...(fault.at === undefined ? {} : {at: fault.at}),
});

/** One host of `--json` and `--ndjson`: the whole plan and the host in short, or the fault. */
export const hostJson = (result: HostDiff): object =>
  result.outcome === 'planned'
    ? {host: result.host, outcome: result.outcome, summary: result.summary, plan: result.plan}
    : {
        host: result.host,
        outcome: result.fault.owner === 'unreachable' ? 'unreachable' : 'failed',
        fault: faultJson(result.fault),
      };
