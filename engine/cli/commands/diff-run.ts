import {diffHosts, type HostDiff} from '../../actions/diff.ts';
import {chooseHosts, type Chosen} from '../../actions/hosts.ts';
import {savePlans} from '../../actions/plans.ts';
import {groupHosts} from '../../plan/fleet.ts';
import {faultsOf} from '../../actions/each-host.ts';
import {EXIT, exitCodeOf} from '../exit-code.ts';
import type {Output} from '../output.ts';
import {hostProgress} from '../progress.ts';
import {renderGroup, type DiffHost} from '../render/diff.ts';
import {renderFault} from '../render/fault.ts';
import {hostJson} from '../render/json.ts';
import {renderRecap} from '../render/recap.ts';
import type {Context} from '../context.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type DiffCommandOptions = HostOptions & {
  verbose?: number;
  json?: boolean;
  ndjson?: boolean;
  out?: string;
  exitCode?: boolean;
  workload?: string;
  listHosts?: boolean;
};

const plannedOf = (results: readonly HostDiff[]): readonly DiffHost[] =>
  results.flatMap((result) => ('value' in result ? [{host: result.host, ...result.value}] : []));

const printText = (results: readonly HostDiff[], options: DiffCommandOptions, output: Output): void => {
  for (const group of groupHosts(plannedOf(results)))
    output.out(renderGroup(group, {verbosity: options.verbose ?? 0}, output));
  for (const fault of faultsOf(results)) output.err(renderFault(fault, output));
  if (results.length > 0)
    output.out(
      renderRecap(
        results.map((result) => ({
          host: result.host,
          ...('value' in result ? {plan: result.value.plan} : {fault: result.fault}),
        })),
        output,
      ),
    );
};

const printResults = (results: readonly HostDiff[], options: DiffCommandOptions, output: Output): void => {
  if (options.ndjson) return;
  if (options.json) output.out(`${JSON.stringify({hosts: results.map(hostJson)}, undefined, 2)}\n`);
  else printText(results, options, output);
};

const readAll = async (chosen: Chosen, options: DiffCommandOptions, context: Context): Promise<readonly HostDiff[]> => {
  const progress = hostProgress(chosen.targets.length, context.output);
  try {
    return await diffHosts(chosen.targets, {
      sheets: chosen.sheets,
      planningOf: chosen.planningOf,
      ...(chosen.matches ? {matches: chosen.matches} : {}),
      ...forksOf(options, chosen),
      signal: context.signal,
      onStart: progress.start,
      onDone(host, result) {
        progress.finish(host);
        if (options.ndjson && result) context.output.out(`${JSON.stringify(hostJson(result))}\n`);
      },
    });
  } finally {
    await progress.stop();
  }
};

/** Runs `linerate diff`. */
export const runDiff = async (options: DiffCommandOptions, context: Context): Promise<void> => {
  const {output} = context;
  const chosen = await chooseHosts(options, context.signal);
  for (const warning of chosen.warnings) output.err(`${output.paintError('magenta', 'warning:')} ${warning}\n`);
  if (options.listHosts) {
    output.out(
      `  hosts (${String(chosen.targets.length)}):\n${chosen.targets.map((target) => `    ${target.name}\n`).join('')}`,
    );
    return;
  }
  const results = await readAll(chosen, options, context);
  context.signal.throwIfAborted();
  printResults(results, options, output);
  const planned = plannedOf(results);
  if (options.out !== undefined)
    await savePlans(
      options.out,
      planned.map(({plan, digest}) => ({...plan, digest})),
    );
  const code = exitCodeOf(faultsOf(results));
  const pending = planned.some(({plan}) => plan.settings.some((setting) => setting.pending.length > 0));
  context.exit(code === EXIT.done && options.exitCode && pending ? EXIT.pending : code);
};
