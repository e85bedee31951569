import {faultsOf} from '../../actions/each-host.ts';
import {explainOnHosts, type HostExplanation} from '../../actions/explain.ts';
import {chooseHosts} from '../../actions/hosts.ts';
import {exitCodeOf} from '../exit-code.ts';
import {renderExplanation} from '../render/explain.ts';
import {renderFault} from '../render/fault.ts';
import {faultHostJson} from '../render/json.ts';
import type {Context} from '../context.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type ExplainCommandOptions = HostOptions & {json?: boolean; workload?: string};

const hostJson = (result: HostExplanation): object =>
  'value' in result ? {host: result.host, ...result.value} : faultHostJson(result.host, result.fault);

/** Runs `linerate explain`. */
export const runExplain = async (address: string, options: ExplainCommandOptions, context: Context): Promise<void> => {
  const {output, signal} = context;
  const chosen = await chooseHosts(options, signal);
  const results = await explainOnHosts(address, chosen.targets, {
    sheets: chosen.sheets,
    variablesOf: chosen.variablesOf,
    ...(chosen.matches ? {matches: chosen.matches} : {}),
    ...forksOf(options, chosen),
    signal,
  });
  if (options.json) output.out(`${JSON.stringify({hosts: results.map(hostJson)}, undefined, 2)}\n`);
  else
    for (const [index, result] of results.entries())
      if ('value' in result) output.out(renderExplanation(result.host, result.value, index === 0, output));
  const faults = faultsOf(results);
  for (const fault of faults) output.err(renderFault(fault, output));
  context.exit(exitCodeOf(faults));
};
