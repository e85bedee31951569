import {hostname, userInfo} from 'node:os';
import {randomBytes} from 'node:crypto';
import {loadFileTemplates} from '../catalogue/file-templates.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {runPool} from '../effects/pool.ts';
import {factScripts} from '../facts/facts.ts';
import {Fault} from '../model/fault.ts';
import type {Plan} from '../model/setting.ts';
import type {Target} from '../model/target.ts';
import type {FileTemplates} from '../plan/lasting/lasting-file.ts';
import type {RunEvent} from '../plan/run/answer.ts';
import type {RunSpec} from '../plan/run/spec.ts';
import {sheetSysctls} from '../plan/sheet-sysctls.ts';
import type {Sheets} from '../plan/sheet.ts';
import {variableSysctls} from '../plan/variables.ts';
import {agreementOf, type AgreementOptions} from './agreement.ts';
import {applyHost, type Applied} from './apply-host.ts';
import {drainAround, drainCommands, type DrainCommands, type HostEnd} from './drain.ts';
import {faultless, type HostResult} from './each-host.ts';
import type {OpenHosts} from './open-hosts.ts';
import type {Planning} from './planning.ts';

/** How one host's apply ended. */
export type HostApply = HostResult<Applied> & {
  /** Whether a run was sent to it: without one nothing was changed. */
  begun?: boolean;
  /** Why it may still be out of service. */
  drained?: Fault;
};

/** The plan that was approved, and the digest of what it relies on. */
export type Approved = {plan: Plan; digest: string};

export type ApplyOptions = {
  sheets: Sheets;
  planningOf: (host: string) => Planning;
  /** By host: one without an approved plan, or with another one, is left alone. */
  approved: ReadonlyMap<string, Approved>;
  confirmSeconds: number;
  allowIrreversible: boolean;
  /** Hosts may be rebooted. */
  reboot: boolean;
  forks?: number;
  /** Hosts that were read a moment ago; all others are reached anew. */
  open?: OpenHosts;
  /** Take the place of the inventory's own. */
  drain: DrainCommands;
  agreement: AgreementOptions;
  signal: AbortSignal;
  onEvent?: (host: string, run: RunSpec, event: RunEvent) => void;
  /** What else happens to a host. */
  onNote?: (host: string, text: string) => void;
  onDone?: (result: HostApply) => void;
};

/** Sorts by time, and no two are the same. */
export const newRunId = (now: Date): string =>
  `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;

/** Names an apply and its runs: the first run on a host is `ID-1`. */
export type ApplyName = {id: string; by: string; at: string};

/** A name for an apply that begins now. */
export const newApply = (now: Date): ApplyName => ({
  id: newRunId(now),
  by: `${userInfo().username}@${hostname()}`,
  at: now.toISOString(),
});

/** Whether a host is not as it was meant to be. */
export const isFailed = (result: HostApply): boolean => {
  if ('fault' in result || result.drained) return true;
  const {value} = result;
  return (
    value.outcome === 'stopped' ||
    value.outcome === 'stale' ||
    (value.outcome === 'done' && value.left.length + value.unbegun.length > 0)
  );
};

const endOf = (result: HostResult<Applied>): HostEnd => {
  if ('fault' in result) return {fault: result.fault};
  return result.value.outcome === 'stopped' ? {stopped: result.value.run} : {};
};

/** Interrupted before anything was sent to it, and in service. */
const isUnbegun = (result: HostApply): boolean =>
  'fault' in result && result.fault.code === 'interrupted' && result.begun !== true && !result.drained;

/** An interrupt after the confirmation undoes nothing: what stands is said. */
const cutShort = (result: HostResult<Applied>, confirmed: number): HostResult<Applied> => {
  if (!('fault' in result) || result.fault.code !== 'interrupted' || confirmed === 0) return result;
  const {host} = result;
  const fault = new Fault({
    code: 'interrupted',
    owner: 'user',
    host,
    message: `${host} was interrupted after ${String(confirmed)} of its runs had been confirmed: what they changed stands`,
    hint: '`linerate history` tells what that is; another apply goes on from there',
  });
  return {host, fault};
};

type Way = {signal: AbortSignal; pacing: Pacing};
type Common = {name: ApplyName; sysctls: readonly string[]; templates: FileTemplates};

const applyOne = async (
  target: Target,
  {signal, pacing}: Way,
  {name, sysctls, templates}: Common,
  options: ApplyOptions,
): Promise<HostApply> => {
  const host = target.name;
  const planning = options.planningOf(host);
  const {variables} = planning;
  const approved = options.approved.get(host);
  const onNote = (text: string): void => options.onNote?.(host, text);
  const drain = drainAround(target, {...drainCommands(variables, options.drain), id: name.id, signal, onNote});
  let begun = false;
  let confirmed = 0;
  const result = await faultless(host, async () =>
    applyHost(target, {
      ...name,
      planning,
      templates,
      scripts: factScripts({sysctls: [...sysctls, ...variableSysctls(variables)]}),
      approved: approved?.digest ?? '',
      open: await options.open?.take(host),
      confirmSeconds: options.confirmSeconds,
      allowIrreversible: options.allowIrreversible,
      reboot: options.reboot,
      onNote,
      pacing,
      signal,
      onEvent: (run, event) => {
        if (event.event === 'confirmed') confirmed += 1;
        options.onEvent?.(host, run, event);
      },
      agree: agreementOf(target, approved?.plan, name.id, options.agreement),
      beforeRun: async (run) => {
        await drain.beforeRun(run);
        begun = true;
      },
    }),
  );
  const drained = await drain.end(endOf(result));
  return {...cutShort(result, confirmed), begun, ...(drained === undefined ? {} : {drained})};
};

/**
 * Provisions targets all at once, as many as `forks` allows. One host's failure never hides another's; hosts that an
 * interrupt kept from being begun are not in the result.
 */
export const applyToHosts = async (
  targets: readonly Target[],
  name: ApplyName,
  options: ApplyOptions,
): Promise<readonly HostApply[]> => {
  const common: Common = {name, sysctls: sheetSysctls(options.sheets), templates: loadFileTemplates()};
  const done = await runPool(
    targets,
    async (target, signal, pacing) => {
      const result = await applyOne(target, {signal, pacing}, common, options);
      if (!isUnbegun(result)) options.onDone?.(result);
      return result;
    },
    options,
  );
  return done.filter((result) => !isUnbegun(result));
};
