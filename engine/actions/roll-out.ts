import {environmentOf} from '../effects/controller-command.ts';
import {type HealthCheck, healthUrl, whyUnhealthy} from '../effects/health.ts';
import {runPool} from '../effects/pool.ts';
import type {Target} from '../model/target.ts';
import {foldHostNames} from '../plan/host-names.ts';
import {type ApplyName, type ApplyOptions, applyToHosts, type HostApply, isFailed} from './apply.ts';
import {drainCommands, type DrainCommands} from './drain.ts';
import {rollBackAll, type HostRollback} from './rollback-all.ts';
import {type Wave, type Waves, wavesOf} from './waves.ts';

export {askYes} from '../effects/terminal.ts';
export type {AgreementOptions} from './agreement.ts';
export type {HostRollback} from './rollback-all.ts';
export type {HealthCheck} from '../effects/health.ts';
export type {Waves, WaveSize} from './waves.ts';

export type RollOutOptions = ApplyOptions & {
  waves: Waves;
  /**
   * Failed hosts of a wave, in percent, beyond which no further wave is begun: 100 by default, and 0 in a canary's wave and
   * with `rollbackAll`.
   */
  maxFailPercentage?: number;
  /** Asked of every host of a wave that has not failed, before the next wave is begun. */
  health?: HealthCheck;
  /** Takes back what was changed on all hosts as soon as a wave has a host that failed or is unhealthy. */
  rollbackAll: boolean;
  onWave?: (number: number, of: number, hosts: readonly string[]) => void;
  onUnhealthy?: (unhealthy: Unhealthy) => void;
  onRollback?: (result: HostRollback) => void;
};

export type Unhealthy = {host: string; reason: string};

/** How a rollout ended. */
export type RollOut = {
  results: readonly HostApply[];
  unhealthy: readonly Unhealthy[];
  /** Hosts of waves that were not begun, or that an interrupt came before. */
  notBegun: readonly string[];
  /** Why no further wave was begun; absent where all were. */
  stopped?: string;
  /** Something was left undone since we were told to stop: hosts, or the question whether they are healthy. */
  interrupted: boolean;
  /** Hosts whose changes were taken back since others failed. */
  rolledBack: readonly HostRollback[];
};

/** Sees that each host can be asked, before anything is changed. @throws Fault `usage` */
export const demandHealthUrls = (targets: readonly Target[], {health}: {health?: HealthCheck}): void => {
  if (health?.url === undefined) return;
  for (const target of targets) healthUrl(health.url, target);
};

const unhealthyOf = async (
  targets: readonly Target[],
  name: ApplyName,
  options: RollOutOptions,
): Promise<readonly Unhealthy[]> => {
  const {health} = options;
  if (health === undefined) return [];
  const found = await runPool(
    targets,
    async (target, signal): Promise<Unhealthy | undefined> => {
      const reason = await whyUnhealthy(target, health, {environment: environmentOf(target, name.id), signal});
      // That we were told to stop is no news of the host.
      if (reason === undefined || signal.aborted) return undefined;
      const unhealthy = {host: target.name, reason};
      options.onUnhealthy?.(unhealthy);
      return unhealthy;
    },
    options,
  );
  return found.filter((one) => one !== undefined);
};

type Done = {results: readonly HostApply[]; unhealthy: readonly Unhealthy[]; unasked: boolean};

/** Why the next wave must not begin; undefined where it may. */
const whyStop = (wave: Wave<Target>, {results, unhealthy}: Done, options: RollOutOptions): string | undefined => {
  if (options.signal.aborted) return 'interrupted';
  const which = wave.canary ? 'the canary wave' : 'the wave';
  if (unhealthy.length > 0)
    return `${foldHostNames(unhealthy.map(({host}) => host))} of ${which} did not become healthy`;
  const failed = results.filter(isFailed).length;
  const most = options.maxFailPercentage ?? (options.rollbackAll || wave.canary ? 0 : 100);
  const percentage = (failed * 100) / wave.hosts.length;
  return percentage > most ? `${String(failed)} of ${String(wave.hosts.length)} hosts of ${which} failed` : undefined;
};

const carryWave = async (wave: Wave<Target>, name: ApplyName, options: RollOutOptions): Promise<Done> => {
  const results = await applyToHosts(wave.hosts, name, options);
  const well = new Set(results.filter((result) => !isFailed(result)).map(({host}) => host));
  const asked = wave.hosts.filter((target) => well.has(target.name));
  const unhealthy = options.signal.aborted ? [] : await unhealthyOf(asked, name, options);
  return {results, unhealthy, unasked: options.signal.aborted && options.health !== undefined && asked.length > 0};
};

type Carried = Done & {stopped?: string};

const carryWaves = async (
  waves: readonly Wave<Target>[],
  name: ApplyName,
  options: RollOutOptions,
): Promise<Carried> => {
  let all: Done = {results: [], unhealthy: [], unasked: false};
  for (const [place, wave] of waves.entries()) {
    const hosts = wave.hosts.map((target) => target.name);
    options.onWave?.(place + 1, waves.length, hosts);
    const done = await carryWave(wave, name, options);
    all = {
      results: [...all.results, ...done.results],
      unhealthy: [...all.unhealthy, ...done.unhealthy],
      unasked: done.unasked,
    };
    const stopped = whyStop(wave, done, options);
    if (stopped !== undefined) return {...all, stopped};
  }
  return all;
};

/** Provisions hosts wave by wave, each wave only when those before it are well. */
export const rollOut = async (
  targets: readonly Target[],
  name: ApplyName,
  options: RollOutOptions,
): Promise<RollOut> => {
  const {unasked, ...carried} = await carryWaves(wavesOf(targets, options.waves), name, options);
  const {results, stopped} = carried;
  const begun = new Set(results.map(({host}) => host));
  const notBegun = targets.map((target) => target.name).filter((host) => !begun.has(host));
  const interrupted = options.signal.aborted && (notBegun.length > 0 || unasked);
  const isTakenBack = stopped !== undefined && options.rollbackAll && !options.signal.aborted;
  const drainOf = (host: string): DrainCommands => drainCommands(options.planningOf(host).variables, options.drain);
  const rolledBack = isTakenBack ? await rollBackAll(targets, results, name, {...options, drainOf}) : [];
  return {...carried, notBegun, interrupted, rolledBack};
};
