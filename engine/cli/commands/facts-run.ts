import {gatherHosts, recordHost, type HostFacts} from '../../actions/facts.ts';
import {faultsOf} from '../../actions/each-host.ts';
import {chooseHosts, type Chosen} from '../../actions/hosts.ts';
import {Fault} from '../../model/fault.ts';
import {exitCodeOf} from '../exit-code.ts';
import {hostProgress} from '../progress.ts';
import {renderFacts} from '../render/facts.ts';
import {renderFault} from '../render/fault.ts';
import {faultHostJson} from '../render/json.ts';
import type {Context} from '../context.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type FactsCommandOptions = HostOptions & {json?: boolean; record?: string};

const record = async (file: string, options: FactsCommandOptions, {output, signal}: Context): Promise<void> => {
  const {targets, sheets} = await chooseHosts(options, signal);
  const [target] = targets;
  if (target === undefined || targets.length > 1)
    throw new Fault({
      code: 'one-host',
      owner: 'user',
      message: `--record saves one host, and ${String(targets.length)} were chosen`,
      hint: 'choose one with --limit',
    });
  await recordHost(target, file, sheets, signal);
  output.err(`${target.name} is recorded in ${file}; replay it with: linerate diff --recording ${file}\n`);
};

const hostJson = (result: HostFacts): object =>
  'value' in result ? {host: result.host, facts: result.value} : faultHostJson(result.host, result.fault);

const readAll = async (
  chosen: Chosen,
  options: FactsCommandOptions,
  {output, signal}: Context,
): Promise<readonly HostFacts[]> => {
  const progress = hostProgress(chosen.targets.length, output);
  try {
    return await gatherHosts(chosen.targets, {
      sheets: chosen.sheets,
      ...forksOf(options, chosen),
      signal,
      ...(chosen.matches ? {matches: chosen.matches} : {}),
      onStart: progress.start,
      onDone: progress.finish,
    });
  } finally {
    await progress.stop();
  }
};

/** Runs `linerate facts`. */
export const runFacts = async (options: FactsCommandOptions, context: Context): Promise<void> => {
  const {output, signal} = context;
  if (options.record !== undefined) {
    await record(options.record, options, context);
    return;
  }
  const chosen = await chooseHosts(options, signal);
  const results = await readAll(chosen, options, context);
  if (options.json) output.out(`${JSON.stringify({hosts: results.map(hostJson)}, undefined, 2)}\n`);
  for (const result of results) {
    if ('fault' in result) output.err(renderFault(result.fault, output));
    else if (!options.json) output.out(renderFacts(result.host, result.value, output));
  }
  context.exit(exitCodeOf(faultsOf(results)));
};
