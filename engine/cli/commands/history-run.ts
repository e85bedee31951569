import {faultsOf} from '../../actions/each-host.ts';
import {historyOfHosts, type HostHistory} from '../../actions/history.ts';
import {chooseHosts} from '../../actions/hosts.ts';
import {Fault} from '../../model/fault.ts';
import {applyOf, rolledBackBy} from '../../plan/rollback/applies.ts';
import type {Journal} from '../../plan/run/history.ts';
import type {Context} from '../context.ts';
import {exitCodeOf} from '../exit-code.ts';
import {renderFault} from '../render/fault.ts';
import {renderHistory, renderRun} from '../render/history.ts';
import {faultHostJson} from '../render/json.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type HistoryCommandOptions = HostOptions & {run?: string; json?: boolean};

const isWanted =
  (wanted: string | undefined) =>
  ({id}: Journal): boolean =>
    wanted === undefined || id === wanted || applyOf(id) === wanted;

const journalJson = (journals: readonly Journal[], {wrote, ...journal}: Journal): object => {
  const by = rolledBackBy(journals, applyOf(journal.id));
  return {...journal, wrote: Object.fromEntries(wrote), ...(by === undefined ? {} : {rolledBackBy: by})};
};

const hostJson = (result: HostHistory, wanted: string | undefined): object =>
  'value' in result
    ? {
        host: result.host,
        runs: result.value.filter(isWanted(wanted)).map((journal) => journalJson(result.value, journal)),
      }
    : faultHostJson(result.host, result.fault);

const demandFound = (results: readonly HostHistory[], wanted: string | undefined): void => {
  const found = results.some((result) => 'fault' in result || result.value.some(isWanted(wanted)));
  if (wanted === undefined || found) return;
  throw new Fault({
    code: 'unknown-run',
    owner: 'user',
    message: `no host that was asked keeps a run ${wanted}`,
    hint: '`linerate history` lists those that they keep',
  });
};

/** Runs `linerate history`. */
export const runHistory = async (options: HistoryCommandOptions, context: Context): Promise<void> => {
  const {output, signal} = context;
  const chosen = await chooseHosts(options, signal);
  const results = await historyOfHosts(chosen.targets, {...forksOf(options, chosen), signal});
  demandFound(results, options.run);
  if (options.json) {
    const hosts = results.map((result) => hostJson(result, options.run));
    output.out(`${JSON.stringify({hosts}, undefined, 2)}\n`);
  }
  for (const result of results) {
    if ('fault' in result) {
      output.err(renderFault(result.fault, output));
      continue;
    }
    if (options.json) continue;
    const journals = result.value.filter(isWanted(options.run));
    if (options.run === undefined) output.out(renderHistory(result.host, result.value, output));
    else for (const journal of journals) output.out(renderRun(result.host, result.value, journal, output));
  }
  context.exit(exitCodeOf(faultsOf(results)));
};
