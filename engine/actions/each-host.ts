import type {Connection, Target} from '../effects/connection.ts';
import {connect} from '../effects/connections/connect.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {runPool} from '../effects/pool.ts';
import {factScripts, type Facts} from '../facts/facts.ts';
import {Fault} from '../model/fault.ts';
import {sheetSysctls} from '../plan/sheet-sysctls.ts';
import type {Sheets} from '../plan/sheet.ts';
import {gatherOver, PROBE_TIMEOUT_MS} from './gather.ts';

/** What became of one host. */
export type HostResult<T> = {host: string; value: T} | {host: string; fault: Fault};

export type EachHostOptions<T> = {
  sheets: Sheets;
  /** Sysctl keys to read beyond those that sheets name. */
  sysctlsOf?: (host: string) => readonly string[];
  /** What to read of a host once its facts are known. */
  asksOf?: (host: string, facts: Facts) => readonly string[];
  /** Hosts whose facts do not match are left out of the result. */
  matches?: (host: string, facts: Facts) => boolean;
  forks?: number;
  signal?: AbortSignal;
  /** Handed each host's connection with its facts and what was made of them: true takes the connection over. */
  keep?: (host: string, connection: Connection, facts: Facts, value: T) => boolean;
  onStart?: (host: string) => void;
  /** Called as each host is done; without a result when it was left out. */
  onDone?: (host: string, result?: HostResult<T>) => void;
};

/** The faults among the results, in their order. */
export const faultsOf = (results: readonly HostResult<unknown>[]): readonly Fault[] =>
  results.flatMap((result) => ('fault' in result ? [result.fault] : []));

/** Whatever went wrong as a fault: what is none already is a bug of ours, which must not hide other hosts. */
export const faultOf = (error: unknown, host: string): Fault => {
  if (error instanceof Fault) return error;
  return new Fault({
    code: 'bug',
    owner: 'tool',
    host,
    message: `linerate failed on this host: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'this is a bug of linerate: please report it with the stack below',
    cause: error,
  });
};

/** What one host's work came to: its failure is no other host's. */
export const faultless = async <T>(host: string, work: () => Promise<T>): Promise<HostResult<T>> => {
  try {
    return {host, value: await work()};
  } catch (error) {
    return {host, fault: faultOf(error, host)};
  }
};

/**
 * Reads every target, at most `forks` at once, and makes something of its facts, which are then let go: a fleet's diff
 * must not hold a fleet's facts. The result's order is the targets' own; one host's failure never hides another's.
 */
export const onEachHost = async <T>(
  targets: readonly Target[],
  options: EachHostOptions<T>,
  use: (host: string, facts: Facts) => T,
): Promise<readonly HostResult<T>[]> => {
  const sysctls = sheetSysctls(options.sheets);
  const scripts = factScripts({sysctls});
  const scriptsOf = (host: string): readonly string[] => {
    const more = options.sysctlsOf?.(host) ?? [];
    return more.length === 0 ? scripts : factScripts({sysctls: [...sysctls, ...more]});
  };
  const read = async (target: Target, signal: AbortSignal, pacing: Pacing): Promise<HostResult<T> | undefined> => {
    const host = target.name;
    const connection = connect(target, {signal, pacing});
    let kept = false;
    try {
      const asksOf = (facts: Facts): readonly string[] => options.asksOf?.(host, facts) ?? [];
      const scripts = scriptsOf(host);
      const facts = await gatherOver(connection, host, {scripts, timeoutMs: PROBE_TIMEOUT_MS, signal, asksOf});
      if (options.matches?.(host, facts) === false) return undefined;
      const value = use(host, facts);
      kept = options.keep?.(host, connection, facts, value) ?? false;
      return {host, value};
    } catch (error) {
      return {host, fault: faultOf(error, host)};
    } finally {
      if (!kept) await connection.close();
    }
  };
  const one = async (target: Target, signal: AbortSignal, pacing: Pacing): Promise<HostResult<T> | undefined> => {
    options.onStart?.(target.name);
    const result = await read(target, signal, pacing);
    options.onDone?.(target.name, result);
    return result;
  };
  const results = await runPool(targets, one, options);
  return results.filter((result) => result !== undefined);
};
