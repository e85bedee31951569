import pLimit from 'p-limit';
import {pacing, type Pacing} from './connections/pacing.ts';

export const DEFAULT_FORKS = 50;

export type PoolOptions = {
  /** Most hosts that are worked on at once; 50 by default. */
  forks?: number;
  /** Aborting (Ctrl-C) is passed on to what runs and to what has not begun: each job ends with its own fault. */
  signal?: AbortSignal;
};

/** What one host is to come to. `pacing` is for `connect`: it is shared by all hosts of the pool. */
export type Job<T, H> = (host: H, signal: AbortSignal, pacing: Pacing) => Promise<T>;

/**
 * Runs one job a host, at most `forks` at once; the results come in the hosts' order. A job that throws does not end
 * the others: its error is thrown once all have come to an end.
 */
export const runPool = async <T, H>(hosts: readonly H[], job: Job<T, H>, options: PoolOptions = {}): Promise<T[]> => {
  const limit = pLimit(Math.max(1, options.forks ?? DEFAULT_FORKS));
  const signal = options.signal ?? new AbortController().signal;
  const pace = pacing();
  const settled = await Promise.allSettled(hosts.map((host) => limit(job, host, signal, pace)));
  return settled.map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    throw outcome.reason instanceof Error ? outcome.reason : new Error(String(outcome.reason));
  });
};
