import {randomBytes} from 'node:crypto';
import type {Connection, Target} from '../effects/connection.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {connect} from '../effects/connections/connect.ts';
import {parseFacts, type Facts, withAsked} from '../facts/facts.ts';
import {parseFrames, type Frames} from '../facts/frames.ts';
import {probeScript} from '../facts/probe.ts';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';

export type ProbeOptions = {
  /** The facts' scripts: the same for most hosts of a run, so they are made once. */
  scripts: readonly string[];
  signal?: AbortSignal;
  /** Wall-clock limit for one host's probe in milliseconds. */
  timeoutMs: number;
  /** What is to be read beyond that, once the facts are known. */
  asksOf?: (facts: Facts) => readonly string[];
};

export type GatherOptions = ProbeOptions & {
  /** Where this host queues before it logs in. */
  pacing?: Pacing;
};

/** A probe's whole answer, as it came: its frames begin with the token. */
export type Probed = {output: string; token: string; frames: Frames};

/** Longest that one host's probe may take once it is connected. */
export const PROBE_TIMEOUT_MS = 120_000;

/** Most a probe may answer: a machine of 512 CPUs and 16 NICs with 64 queues each says about 3 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

const cutOff = (host: string, frames: Frames, status: number, stderr: string): Fault =>
  new Fault({
    code: 'probe-cut-off',
    owner: 'host',
    host,
    message: `the probe ended before its last line (exit status ${String(status)})${stderr === '' ? '' : `: ${printableLine(stderr)}`}`,
    hint:
      frames.files.size === 0
        ? `its shell answered none of our frames; try: ssh ${host} /bin/sh -c 'echo ok'`
        : 'the connection was lost, or something on the host ended the shell',
  });

/** Runs the probe over an open connection. */
export const probeOver = async (connection: Connection, host: string, options: ProbeOptions): Promise<Probed> => {
  const token = `@lr${randomBytes(9).toString('hex')}`;
  const script = probeScript(options.scripts, {token, root: connection.root});
  const answer = await connection.run(script, {
    timeoutMs: options.timeoutMs,
    maxBytes: MOST_BYTES,
    ...(options.signal ? {signal: options.signal} : {}),
  });
  const frames = parseFrames(answer.stdout, token);
  if (!frames.complete) throw cutOff(host, frames, answer.status, answer.stderr);
  return {output: answer.stdout, token, frames};
};

/** Runs the probe on one host: one script, one round trip. Every failure is a `Fault` that names the host. */
export const probe = async (target: Target, options: GatherOptions): Promise<Probed> => {
  const connection = connect(target, {signal: options.signal, pacing: options.pacing});
  try {
    return await probeOver(connection, target.name, options);
  } finally {
    await connection.close();
  }
};

/** Reads one host's facts over an open connection. */
export const gatherOver = async (connection: Connection, host: string, options: ProbeOptions): Promise<Facts> => {
  const facts = parseFacts((await probeOver(connection, host, options)).frames);
  const scripts = options.asksOf?.(facts) ?? [];
  if (scripts.length === 0) return facts;
  const {frames} = await probeOver(connection, host, {...options, scripts});
  return withAsked(facts, frames);
};

/** Reads one host's facts. */
export const gather = async (target: Target, options: GatherOptions): Promise<Facts> => {
  const connection = connect(target, {signal: options.signal, pacing: options.pacing});
  try {
    return await gatherOver(connection, target.name, options);
  } finally {
    await connection.close();
  }
};
