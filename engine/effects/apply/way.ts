import {setTimeout as pause} from 'node:timers/promises';
import {Fault} from '../../model/fault.ts';
import {parseAnswer, type RunAnswer} from '../../plan/run/answer.ts';
import type {Connection, Target} from '../connection.ts';
import {connect} from '../connections/connect.ts';
import type {Pacing} from '../connections/pacing.ts';

/**
 * A target that is reached by a connection of its own, whatever ssh_config says of sharing: over a master that still
 * stands, a host that lets nobody in any more would look well (deploy-rs#106).
 */
export const freshTarget = (target: Target): Target =>
  target.via === 'ssh'
    ? {...target, arguments: ['-o', 'ControlMaster=no', '-o', 'ControlPath=none', ...target.arguments]}
    : target;

/** The way to a host on which a run goes on: it may be cut, and is then laid anew. */
export type Way = {
  /** @throws Fault where the way is cut, or no whole answer comes in time */
  ask(script: string, timeoutMs?: number): Promise<Exclude<RunAnswer, undefined>>;
  /** As `ask`, again and again over new connections until an answer comes; undefined when none has by then. */
  insist(
    script: () => string,
    limits: {until: () => number; timeoutMs?: number | undefined},
  ): Promise<Exclude<RunAnswer, undefined> | undefined>;
  /** Whether a shell on the host has ever answered. */
  reached(): boolean;
  close(): Promise<void>;
};

export type WayOptions = {
  /** An open connection to begin with; it stays its owner's. */
  connection?: Connection | undefined;
  pacing?: Pacing | undefined;
};

/** A poll waits two seconds on the host: much more means that the connection hangs. */
const ANSWER_MS = 10_000;

/** How long to wait before the next login, in milliseconds: sshd punishes who knocks too often (PerSourcePenalties). */
export const pauseAfter = (tries: number): number => Math.min(500 * 2 ** tries, 5000);

const notWhole = (host: string): Fault =>
  new Fault({code: 'run-answer', owner: 'host', host, message: `${host} did not say how its run stands`});

/** Lays the way to a host. Only its first connection queues with the others of the fleet. */
export const wayTo = (target: Target, options: WayOptions): Way => {
  let connection = options.connection;
  let own: Connection | undefined;
  let reached = connection !== undefined;
  let pacing = options.pacing;
  const open = (): Connection => {
    own = connect(freshTarget(target), {
      pacing,
      onReady: () => {
        reached = true;
      },
    });
    pacing = undefined;
    return own;
  };
  const drop = async (): Promise<void> => {
    const dropped = own;
    own = connection = undefined;
    await dropped?.close();
  };
  const ask: Way['ask'] = async (script, timeoutMs = ANSWER_MS) => {
    connection ??= open();
    try {
      const answer = parseAnswer((await connection.run(script, {timeoutMs})).stdout);
      if (answer === undefined) throw notWhole(target.name);
      return answer;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'run-answer') await drop();
      throw error;
    }
  };
  return {
    ask,
    async insist(script, {until, timeoutMs}) {
      for (let tries = 0; ; tries += 1) {
        try {
          return await ask(script(), timeoutMs);
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
        }
        if (Date.now() > until()) return undefined;
        await pause(pauseAfter(tries));
      }
    },
    reached: () => reached,
    close: drop,
  };
};
