import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import {Fault} from '../../model/fault.ts';
import type {ConnectOptions, Connection, Target} from '../connection.ts';
import type {Ending} from './channel.ts';
import {shellConnection, type Phase} from './session.ts';
import {droppedFault, noShellFault} from './shell-faults.ts';

const START_TIMEOUT_MS = 30_000;

const localShell = (): ChildProcessWithoutNullStreams =>
  spawn('/bin/sh', [], {stdio: 'pipe', detached: true, cwd: '/'});

const ended = (host: string, ending: Ending, phase: Phase): Fault => {
  if (ending.spawnError)
    return new Fault({
      code: 'shell-missing',
      owner: 'host',
      host,
      message: `/bin/sh cannot be started on this machine (${ending.spawnError.code ?? 'unknown error'})`,
      cause: ending.spawnError,
    });
  return phase === 'start' ? noShellFault(host, ending) : droppedFault(host, ending);
};

const silent = (host: string, seconds: number): Fault =>
  new Fault({
    code: 'shell-silent',
    owner: 'host',
    host,
    message: `the shell on ${host} gave no answer within ${String(seconds)} s`,
  });

/** A shell on this very machine. */
export const localConnection = (target: Target & {via: 'local'}, options: ConnectOptions): Connection =>
  shellConnection({
    host: target.name,
    become: target.become,
    signal: options.signal,
    onReady: options.onReady,
    startTimeoutMs: START_TIMEOUT_MS,
    start: localShell,
    ended: (ending, phase) => ended(target.name, ending, phase),
    silent: (seconds) => silent(target.name, seconds),
  });
