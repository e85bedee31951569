import {applyToHosts, askYes, type HostApply} from '../../actions/apply.ts';
import {diffHosts} from '../../actions/diff.ts';
import {faultsOf} from '../../actions/each-host.ts';
import {chooseHosts} from '../../actions/hosts.ts';
import {isApproved, readPlans, type ApprovedPlan} from '../../actions/plans.ts';
import {Fault} from '../../model/fault.ts';
import {groupHosts} from '../../plan/fleet.ts';
import type {Context} from '../context.ts';
import {EXIT, exitCodeOf} from '../exit-code.ts';
import type {Output} from '../output.ts';
import {renderApplied, renderApplyRecap, renderEvent} from '../render/apply.ts';
import {renderGroup, type DiffHost} from '../render/diff.ts';
import {renderFault} from '../render/fault.ts';
import {forksOf, type HostOptions} from './host-options.ts';

export type ApplyCommandOptions = HostOptions & {
  check?: boolean;
  yes?: boolean;
  confirmTimeout: number;
  allowIrreversible?: boolean;
  serial?: string;
  maxFailPercentage?: number;
  verbose: boolean;
};

/** `5`, or a percentage of all hosts, at least one. */
const serialOf = (text: string | undefined, hosts: number): {serial?: number} => {
  if (text === undefined) return {};
  const match = /^(\d+)(%?)$/.exec(text);
  const number = Number(match?.[1] ?? 0);
  if (number < 1 || (match?.[2] === '%' && number > 100))
    throw new Fault({
      code: 'usage',
      owner: 'user',
      message: `--serial ${text} is neither a number of hosts nor a percentage`,
    });
  return {serial: match?.[2] === '%' ? Math.max(1, Math.floor((hosts * number) / 100)) : number};
};

const approve = async (options: ApplyCommandOptions, count: number, signal: AbortSignal): Promise<void> => {
  if (options.yes) return;
  const hosts = `${String(count)} host${count === 1 ? '' : 's'}`;
  if (await askYes(`Apply these changes to ${hosts}?`, signal)) return;
  throw new Fault({
    code: 'not-approved',
    owner: 'user',
    message: 'nothing was changed',
    hint: '--yes approves without a question',
  });
};

const exitCode = (results: readonly HostApply[]): number => {
  const outcomes = results.flatMap((result) => ('value' in result ? [result.value] : []));
  if (outcomes.some((one) => one.outcome === 'stopped' && one.run.outcome === 'interrupted')) return EXIT.interrupted;
  const lost = outcomes.some((one) => one.outcome === 'stopped' && one.run.outcome === 'lost');
  const refused = outcomes.some(
    (one) => one.outcome === 'stale' || (one.outcome === 'stopped' && one.run.outcome === 'refused'),
  );
  const stopped = outcomes.some((one) => one.outcome === 'stopped' && !['lost', 'refused'].includes(one.run.outcome));
  const unfinished = outcomes.some((one) => one.outcome === 'done' && one.left.length > 0);
  const code =
    exitCodeOf(faultsOf(results)) | (lost ? EXIT.unreachable : 0) | (stopped || unfinished ? EXIT.hostFailed : 0);
  return code === EXIT.done && refused ? EXIT.refused : code;
};

const showPlans = (planned: readonly DiffHost[], options: ApplyCommandOptions, output: Output): void => {
  for (const group of groupHosts(planned)) output.out(renderGroup(group, {verbosity: options.verbose ? 1 : 0}, output));
};

/** The hosts of the saved plans, less those that `--limit` leaves out. */
const savedLimit = (saved: readonly ApprovedPlan[], {limit}: ApplyCommandOptions): readonly string[] => [
  saved.map(({host}) => host).join(','),
  ...(limit ?? []).map((pattern) => `&${pattern}`),
];

const stillApproved = (host: DiffHost, saved: readonly ApprovedPlan[], output: Output): boolean => {
  const own = saved.find((plan) => plan.host === host.host);
  if (own && isApproved(own, host.plan, host.digest)) return true;
  output.err(renderApplied(host.host, {outcome: 'stale', plan: host.plan}, output));
  return false;
};

/** Runs `linerate apply`: of plans made now, or of saved ones, which are refused where they no longer fit. */
export const runApply = async (
  file: string | undefined,
  options: ApplyCommandOptions,
  context: Context,
): Promise<void> => {
  const {output, signal} = context;
  const saved = file === undefined ? undefined : await readPlans(file);
  const chosen = await chooseHosts(saved ? {...options, limit: savedLimit(saved, options)} : options, signal);
  for (const warning of chosen.warnings) output.err(`${output.paintError('magenta', 'warning:')} ${warning}\n`);
  const matches = chosen.matches ? {matches: chosen.matches} : {};
  const common = {sheets: chosen.sheets, variablesOf: chosen.variablesOf, ...forksOf(options, chosen), signal};
  const diffs = await diffHosts(chosen.targets, {...common, ...matches});
  signal.throwIfAborted();
  const planned = diffs.flatMap((diff) => ('value' in diff ? [{host: diff.host, ...diff.value}] : []));
  showPlans(planned, options, output);
  const faults = faultsOf(diffs);
  for (const fault of faults) output.err(renderFault(fault, output));
  const current = saved ? planned.filter((host) => stillApproved(host, saved, output)) : planned;
  const pending = current.filter(({plan}) => plan.settings.some((setting) => setting.pending.length > 0));
  if (options.check || pending.length === 0) {
    context.exit(exitCodeOf(faults) || (current.length < planned.length ? EXIT.refused : EXIT.done));
    return;
  }
  if (!saved) await approve(options, pending.length, signal);
  const approved = new Map(pending.map(({host, digest}) => [host, digest]));
  const results = await applyToHosts(
    chosen.targets.filter((target) => approved.has(target.name)),
    {
      ...common,
      approved,
      confirmSeconds: options.confirmTimeout,
      allowIrreversible: options.allowIrreversible ?? false,
      ...serialOf(options.serial, approved.size),
      ...(options.maxFailPercentage === undefined ? {} : {maxFailPercentage: options.maxFailPercentage}),
      onEvent: (host, run, event) => output.err(renderEvent(host, run, event, output)),
      onDone: (result) =>
        output.err(
          'fault' in result ? renderFault(result.fault, output) : renderApplied(result.host, result.value, output),
        ),
    },
  );
  const untouched = current
    .filter(({host}) => !approved.has(host))
    .map(({host, plan}): HostApply => ({host, value: {outcome: 'same', plan}}));
  const unread = faults.map((fault): HostApply => ({host: fault.host ?? '', fault}));
  output.out(renderApplyRecap([...unread, ...untouched, ...results], approved, output));
  context.exit(exitCode([...results, ...unread]));
};
