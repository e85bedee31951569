import {faultsOf} from '../../actions/each-host.ts';
import {drainCommands} from '../../actions/drain.ts';
import {chooseHosts} from '../../actions/hosts.ts';
import {askYes, type HostRollback, rollbackHosts, waysBack, type HostWay} from '../../actions/rollback.ts';
import {Fault} from '../../model/fault.ts';
import type {Context} from '../context.ts';
import {EXIT, exitCodeOf} from '../exit-code.ts';
import {renderEvent, renderNote} from '../render/apply.ts';
import {renderFault} from '../render/fault.ts';
import {conflictsOf, renderRollback, renderWay} from '../render/rollback.ts';
import {agreementOption} from './apply-options.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type RollbackCommandOptions = HostOptions & {
  run?: string;
  yes?: boolean;
  force?: boolean;
  confirmTimeout: number;
  confirmCommand?: string;
  drain?: string;
  undrain?: string;
};

const approve = async (options: RollbackCommandOptions, count: number, signal: AbortSignal): Promise<void> => {
  if (options.yes) return;
  if (await askYes(`Roll back ${String(count)} host${count === 1 ? '' : 's'}?`, signal)) return;
  throw new Fault({
    code: 'not-approved',
    owner: 'user',
    message: 'nothing was changed',
    hint: '--yes approves without a question',
  });
};

/** Hosts whose way back is free, or forced, with the way's digest. */
const approvable = (ways: readonly HostWay[], force: boolean): ReadonlyMap<string, string> =>
  new Map(
    ways.flatMap((way) =>
      'value' in way && way.value.way === 'back' && (force || conflictsOf(way.value).length === 0)
        ? [[way.host, way.value.digest] as const]
        : [],
    ),
  );

const codeOf = (result: HostRollback): number => {
  if ('fault' in result) return EXIT.done;
  const {value} = result;
  if (value.outcome === 'refused' || value.outcome === 'stale') return EXIT.refused;
  if (value.outcome === 'done') return value.unkept === undefined ? EXIT.done : EXIT.hostFailed;
  if (value.outcome !== 'stopped') return EXIT.done;
  if (value.run.outcome === 'interrupted') return EXIT.interrupted;
  if (value.run.outcome === 'lost') return EXIT.unreachable;
  return value.run.outcome === 'refused' ? EXIT.refused : EXIT.hostFailed;
};

/** As an apply's: failed and unreachable hosts together are 6; a refusal counts where nothing else went wrong. */
const exitCode = (faults: readonly Fault[], codes: readonly number[]): number => {
  if (codes.includes(EXIT.interrupted)) return EXIT.interrupted;
  const failed = codes.filter((code) => code !== EXIT.refused).reduce((all, code) => all | code, exitCodeOf(faults));
  return failed === EXIT.done && codes.includes(EXIT.refused) ? EXIT.refused : failed;
};

/** Runs `linerate rollback`. */
export const runRollback = async (options: RollbackCommandOptions, context: Context): Promise<void> => {
  const {output, signal} = context;
  const force = options.force ?? false;
  const chosen = await chooseHosts(options, signal);
  const common = {...(options.run === undefined ? {} : {run: options.run}), ...forksOf(options, chosen), signal};
  const ways = await waysBack(chosen.targets, common);
  signal.throwIfAborted();
  for (const way of ways) {
    if ('fault' in way) output.err(renderFault(way.fault, output));
    else output.out(renderWay(way.host, way.value, force, output));
  }
  const approved = approvable(ways, force);
  const refused = ways.some((way) => 'value' in way && way.value.way === 'back' && !approved.has(way.host));
  const codes = refused ? [EXIT.refused] : [];
  const faults = faultsOf(ways);
  if (approved.size === 0) {
    context.exit(exitCode(faults, codes));
    return;
  }
  await approve(options, approved.size, signal);
  const results = await rollbackHosts(
    chosen.targets.filter(({name}) => approved.has(name)),
    {
      ...common,
      approved,
      force,
      confirmSeconds: options.confirmTimeout,
      drainOf: (host) => drainCommands(chosen.variablesOf(host), options),
      agreement: agreementOption(options, options.yes !== true),
      onNote: (host, text) => output.err(renderNote(host, text, output)),
      onEvent: (host, run, event) => output.err(renderEvent(host, run, event, output)),
      onDone: (result) => output.err(renderRollback(result, output)),
    },
  );
  const drained = results.flatMap((result) => result.drained ?? []);
  context.exit(exitCode([...faults, ...faultsOf(results), ...drained], [...codes, ...results.map(codeOf)]));
};
