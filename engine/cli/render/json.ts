import type {HostDiff} from '../../actions/diff.ts';
import type {Fault} from '../../model/fault.ts';

/** A fault as plain JSON; its cause stays out, as it may hold anything. */
const faultJson = (fault: Fault): Readonly<Record<string, string>> => ({
  code: fault.code,
  owner: fault.owner,
  message: fault.message,
  ...(fault.hint === undefined ? {} : {hint: fault.hint}),
  ...(fault.at === undefined ? {} : {at: fault.at}),
});

/** A host that could not be read or planned. */
export const faultHostJson = (host: string, fault: Fault): object => ({
  host,
  outcome: fault.owner === 'unreachable' ? 'unreachable' : 'failed',
  fault: faultJson(fault),
});

/** One host of `--json` and `--ndjson`: the whole plan and the host in short, or the fault. */
export const hostJson = (result: HostDiff): object =>
  'value' in result
    ? {host: result.host, outcome: 'planned', summary: result.value.summary, plan: result.value.plan}
    : faultHostJson(result.host, result.fault);
