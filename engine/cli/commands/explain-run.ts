import {explainOnHosts} from '../../actions/explain.ts';
import {chooseHosts} from '../../actions/hosts.ts';
import {exitCodeOf} from '../exit-code.ts';
import {renderExplanation} from '../render/explain.ts';
import {renderFault} from '../render/fault.ts';
import {faultJson} from '../render/json.ts';
import type {Context} from '../context.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type ExplainCommandOptions = HostOptions & {json?: boolean; workload?: string};

/** Runs `linerate explain`. */
export const runExplain = async (address: string, options: ExplainCommandOptions, context: Context): Promise<void> => {
  const {output, signal} = context;
  const chosen = await chooseHosts(options, signal);
  const results = await explainOnHosts(address, chosen.targets, {
    variablesOf: chosen.variablesOf,
    ...(chosen.matches ? {matches: chosen.matches} : {}),
    ...forksOf(options, chosen),
    signal,
  });
  if (options.json) {
    const hosts = results.map((result) =>
      'fault' in result ? {host: result.host, fault: faultJson(result.fault)} : result,
    );
    output.out(`${JSON.stringify({hosts}, undefined, 2)}\n`);
  } else {
    for (const [index, result] of results.entries())
      if (!('fault' in result)) output.out(renderExplanation(result, index === 0, output));
  }
  const faults = results.flatMap((result) => ('fault' in result ? [result.fault] : []));
  for (const fault of faults) output.err(renderFault(fault, output));
  context.exit(exitCodeOf(faults));
};
