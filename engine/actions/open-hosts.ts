import type {Connection} from '../effects/connection.ts';
import {DEFAULT_FORKS} from '../effects/pool.ts';
import type {State} from './host-state.ts';

/** A host as it was read, and the connection that it was read over. */
export type OpenHost = {connection: Connection; state: State};

/**
 * Hosts whose connections stay open between the diff and the apply: one login less for each. What was read is good for a few
 * seconds only; after that the host is reached and read anew.
 */
export type OpenHosts = {
  /** Takes the connection over; false where there are as many as may be open at once. */
  keep(host: string, open: OpenHost): boolean;
  /** Hands the connection on where it is fresh, and closes it where it is not. */
  take(host: string): Promise<OpenHost | undefined>;
  /** Closes what nobody has taken. */
  close(): Promise<void>;
};

const FRESH_MS = 15_000;

/** As many as are worked on at once by default: their facts are in memory meanwhile. */
const MOST = DEFAULT_FORKS;

/** `now` tells milliseconds. */
export const openHosts = (now = (): number => performance.now()): OpenHosts => {
  const kept = new Map<string, OpenHost & {at: number}>();
  return {
    keep(host, open) {
      if (kept.size >= MOST) return false;
      kept.set(host, {...open, at: now()});
      return true;
    },
    async take(host) {
      const open = kept.get(host);
      kept.delete(host);
      if (!open || now() - open.at <= FRESH_MS) return open;
      await open.connection.close();
      return undefined;
    },
    async close() {
      const left = [...kept.values()];
      kept.clear();
      await Promise.all(left.map(async ({connection}) => connection.close()));
    },
  };
};
