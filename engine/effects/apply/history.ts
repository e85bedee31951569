import {randomBytes} from 'node:crypto';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {parseFrames} from '../../facts/frames.ts';
import {type Journal, historyScripts, parseHistory} from '../../plan/run/history.ts';
import {probeScript} from '../../facts/probe.ts';
import type {Connection} from '../connection.ts';

const HISTORY_MS = 60_000;

/** The journals of all runs that a host keeps, the oldest first. @throws Fault */
export const readHistory = async (connection: Connection): Promise<readonly Journal[]> => {
  const token = `@lr${randomBytes(9).toString('hex')}`;
  const script = probeScript(historyScripts(), {token, root: connection.root});
  const {stdout} = await connection.run(script, {timeoutMs: HISTORY_MS});
  const frames = parseFrames(stdout, token);
  if (!frames.complete)
    throw new Fault({code: 'history-cut-off', owner: 'host', message: "the journals' last line did not come"});
  const closed = frames.runs.get('unreadable')?.output;
  if (closed !== undefined)
    throw new Fault({
      code: 'history-unreadable',
      owner: 'user',
      message: `${printableLine(closed)} cannot be read`,
      hint: 'the journals are root’s: log in as root, or become root (-b)',
    });
  return parseHistory(frames);
};

/** One run's journal. @throws Fault `unknown-run` */
export const readJournal = async (connection: Connection, run: string): Promise<Journal> => {
  const found = (await readHistory(connection)).find(({id}) => id === run);
  if (found) return found;
  throw new Fault({
    code: 'unknown-run',
    owner: 'user',
    message: `the host keeps no run ${run}`,
    hint: '`linerate history` lists those that it keeps',
  });
};
