import {diffHosts} from '../../actions/diff.ts';
import {faultsOf} from '../../actions/each-host.ts';
import {chooseHosts} from '../../actions/hosts.ts';
import {saveReport} from '../../actions/plans.ts';
import {reportJunit} from '../../plan/report-junit.ts';
import {reportPrometheus} from '../../plan/report-prometheus.ts';
import {printable} from '../../model/printable.ts';
import {driftText} from '../../plan/verified.ts';
import type {Plan} from '../../model/setting.ts';
import type {Context} from '../context.ts';
import {EXIT, exitCodeOf} from '../exit-code.ts';
import type {Output} from '../output.ts';
import {renderFault} from '../render/fault.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type VerifyCommandOptions = HostOptions & {junit?: string; prometheus?: string};

const driftLines = (host: string, plan: Plan, output: Output): string => {
  const drift = plan.settings.filter((setting) => setting.pending.length > 0);
  if (drift.length === 0)
    return `${output.paint('green', 'ok    ')} ${printable(host)}: ${String(plan.settings.length)} settings hold\n`;
  const lines = drift.map((setting) => printable(`         ${setting.id}: ${driftText(setting)}`));
  return `${output.paint('red', 'drift ')} ${printable(host)}: ${String(drift.length)} of ${String(plan.settings.length)} settings\n${lines.join('\n')}\n`;
};

/** Runs `linerate verify`. */
export const runVerify = async (options: VerifyCommandOptions, context: Context): Promise<void> => {
  const {output, signal} = context;
  const chosen = await chooseHosts(options, signal);
  const results = await diffHosts(chosen.targets, {
    sheets: chosen.sheets,
    planningOf: chosen.planningOf,
    ...(chosen.matches ? {matches: chosen.matches} : {}),
    ...forksOf(options, chosen),
    signal,
  });
  signal.throwIfAborted();
  const verified = results.map((result) =>
    'value' in result ? {host: result.host, plan: result.value.plan} : {host: result.host, fault: result.fault},
  );
  for (const result of results) {
    if ('fault' in result) output.err(renderFault(result.fault, output));
    else output.out(driftLines(result.host, result.value.plan, output));
  }
  if (options.junit !== undefined) await saveReport(options.junit, reportJunit(verified));
  if (options.prometheus !== undefined) await saveReport(options.prometheus, reportPrometheus(verified));
  const drift = results.some(
    (result) => 'value' in result && result.value.plan.settings.some(({pending}) => pending.length > 0),
  );
  const code = exitCodeOf(faultsOf(results));
  context.exit(code === EXIT.usage ? code : code | (drift ? EXIT.hostFailed : EXIT.done));
};
