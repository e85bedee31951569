import {demandAgreement} from '../../actions/agreement.ts';
import {newApply, type Approved, type HostApply} from '../../actions/apply.ts';
import {diffHosts} from '../../actions/diff.ts';
import {drainCommands} from '../../actions/drain.ts';
import {faultsOf} from '../../actions/each-host.ts';
import {chooseHosts, type Chosen} from '../../actions/hosts.ts';
import {openHosts, type OpenHosts} from '../../actions/open-hosts.ts';
import {isApproved, readPlans, type ApprovedPlan} from '../../actions/plans.ts';
import {demandRetryFile, saveRetryFile} from '../../actions/retry.ts';
import {askYes, demandHealthUrls, rollOut, type RollOut, type RollOutOptions} from '../../actions/roll-out.ts';
import {Fault} from '../../model/fault.ts';
import type {Target} from '../../model/target.ts';
import {groupHosts} from '../../plan/fleet.ts';
import type {Context} from '../context.ts';
import {EXIT, exitCodeOf} from '../exit-code.ts';
import type {Output} from '../output.ts';
import {renderApplied, renderEvent, renderNote, renderUnhealthy, renderWave} from '../render/apply.ts';
import {renderApplyRecap} from '../render/apply-recap.ts';
import {renderGroup, type DiffHost} from '../render/diff.ts';
import {renderFault} from '../render/fault.ts';
import {renderRollback} from '../render/rollback.ts';
import {applyExitCode} from './apply-exit.ts';
import {agreementOption, type ApplyCommandOptions, healthOption, mostUnread, wavesOption} from './apply-options.ts';
import {forksOf} from './host-options.ts';

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

/** What was read of the chosen hosts, and of them those that are to be changed. */
type Read = {
  chosen: Chosen;
  planned: readonly DiffHost[];
  faults: readonly Fault[];
  current: readonly DiffHost[];
  pending: readonly DiffHost[];
};

const read = async (
  saved: readonly ApprovedPlan[] | undefined,
  options: ApplyCommandOptions,
  {output, signal}: Context,
  open: OpenHosts,
): Promise<Read> => {
  const chosen = await chooseHosts(saved ? {...options, limit: savedLimit(saved, options)} : options, signal);
  for (const warning of chosen.warnings) output.err(`${output.paintError('magenta', 'warning:')} ${warning}\n`);
  const diffs = await diffHosts(chosen.targets, {
    sheets: chosen.sheets,
    planningOf: chosen.planningOf,
    ...(chosen.matches ? {matches: chosen.matches} : {}),
    ...forksOf(options, chosen),
    signal,
    // While somebody is asked, what was read gets old.
    ...(saved || options.yes ? {open} : {}),
  });
  signal.throwIfAborted();
  const planned = diffs.flatMap((diff) => ('value' in diff ? [{host: diff.host, ...diff.value}] : []));
  showPlans(planned, options, output);
  const faults = faultsOf(diffs);
  for (const fault of faults) output.err(renderFault(fault, output));
  const current = saved ? planned.filter((host) => stillApproved(host, saved, output)) : planned;
  const pending = current.filter(({plan}) => plan.settings.some((setting) => setting.pending.length > 0));
  return {chosen, planned, faults, current, pending};
};

/** How the rollout tells what happens, on standard error. */
const told = (output: Output): Partial<RollOutOptions> => ({
  onEvent: (host, run, event) => output.err(renderEvent(host, run, event, output)),
  onNote: (host, text) => output.err(renderNote(host, text, output)),
  onWave: (number, of, hosts) => output.err(renderWave(number, of, hosts, output)),
  onUnhealthy: (unhealthy) => output.err(renderUnhealthy(unhealthy, output)),
  onDone: (result) => {
    const {host} = result;
    output.err('fault' in result ? renderFault(result.fault, output) : renderApplied(host, result.value, output));
    if (result.drained) output.err(renderFault(result.drained, output));
  },
  onRollback: (result) => output.err(renderRollback(result, output)),
});

const NOBODY: RollOut = {results: [], unhealthy: [], notBegun: [], interrupted: false, rolledBack: []};

const carryOut = async (
  {chosen, pending}: Read,
  targets: readonly Target[],
  options: ApplyCommandOptions,
  {output, signal}: Context,
  open: OpenHosts,
): Promise<RollOut> => {
  const approved = new Map(pending.map(({host, plan, digest}): [string, Approved] => [host, {plan, digest}]));
  return rollOut(targets, newApply(new Date()), {
    sheets: chosen.sheets,
    planningOf: chosen.planningOf,
    ...forksOf(options, chosen),
    approved,
    open,
    confirmSeconds: options.confirmTimeout,
    allowIrreversible: options.allowIrreversible ?? false,
    reboot: options.reboot ?? false,
    waves: wavesOption(options),
    ...(options.maxFailPercentage === undefined ? {} : {maxFailPercentage: options.maxFailPercentage}),
    ...healthOption(options),
    rollbackAll: options.rollbackAllOnFailure ?? false,
    drain: drainCommands({}, options),
    agreement: agreementOption(options, options.yes !== true),
    signal,
    ...told(output),
  });
};

/** Hosts that nothing was to be done on, or could be. */
const othersOf = ({planned, faults, current, pending}: Read): readonly HostApply[] => [
  ...faults.map((fault) => ({host: fault.host ?? '', fault})),
  ...planned.flatMap((one): HostApply[] => {
    const {host, plan} = one;
    if (pending.includes(one)) return [];
    if (!current.includes(one)) return [{host, value: {outcome: 'stale', plan}}];
    const blocks = plan.blocks.filter(({phase}) => phase !== undefined);
    if (blocks.length === 0) return [{host, value: {outcome: 'same', plan}}];
    return [{host, value: {outcome: 'done', plan, changed: 0, left: [], waiting: [], notes: [], blocks, unbegun: []}}];
  }),
];

/** The recap, the file of hosts to try again, and the exit code. */
const finish = async (
  carried: RollOut,
  found: Read,
  options: ApplyCommandOptions,
  {output, exit}: Context,
): Promise<void> => {
  const out = {...carried, results: [...othersOf(found), ...carried.results]};
  exit(applyExitCode(out));
  const order = found.chosen.targets.map(({name}) => name);
  output.out(renderApplyRecap(out, await saveRetryFile(options.retryFile, order, out), output));
};

/** Sees that nothing is missing that would be wanted only once hosts are changed. @throws Fault */
const demandAll = (targets: readonly Target[], {pending}: Read, options: ApplyCommandOptions): void => {
  demandHealthUrls(targets, healthOption(options));
  const plans = new Map(pending.map(({host, plan}) => [host, plan]));
  for (const target of targets) {
    const plan = plans.get(target.name);
    if (plan) demandAgreement(target, plan, agreementOption(options, false));
  }
};

const applySaved = async (
  saved: readonly ApprovedPlan[] | undefined,
  options: ApplyCommandOptions,
  context: Context,
  open: OpenHosts,
): Promise<void> => {
  const found = await read(saved, options, context, open);
  const {planned, faults, current, pending} = found;
  if (options.check) {
    context.exit(exitCodeOf(faults) || (current.length < planned.length ? EXIT.refused : EXIT.done));
    return;
  }
  if (pending.length === 0) return finish(NOBODY, found, options, context);
  const changing = new Set(pending.map(({host}) => host));
  const targets = found.chosen.targets.filter(({name}) => changing.has(name));
  demandAll(targets, found, options);
  // Hosts that cannot even be read count as failed before the first wave.
  if ((faults.length * 100) / (planned.length + faults.length) > mostUnread(options)) {
    const stopped = `${String(faults.length)} of ${String(planned.length + faults.length)} hosts could not be read`;
    return finish({...NOBODY, stopped, notBegun: [...changing]}, found, options, context);
  }
  if (!saved) await approve(options, pending.length, context.signal);
  await finish(await carryOut(found, targets, options, context, open), found, options, context);
};

/** Runs `linerate apply`: of plans made now, or of saved ones, which are refused where they no longer fit. */
export const runApply = async (
  file: string | undefined,
  options: ApplyCommandOptions,
  context: Context,
): Promise<void> => {
  wavesOption(options);
  if (options.retryFile !== undefined) await demandRetryFile(options.retryFile);
  const saved = file === undefined ? undefined : await readPlans(file);
  const open = openHosts();
  try {
    await applySaved(saved, options, context, open);
  } finally {
    await open.close();
  }
};
