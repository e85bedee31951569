import {once} from 'node:events';
import {spawn} from 'node:child_process';
import {writeSync} from 'node:fs';
import path from 'node:path';
import {carryOut} from '../../engine/effects/apply/carry-out.ts';
import type {Target} from '../../engine/model/target.ts';
import type {RunSpec} from '../../engine/plan/run/spec.ts';
import {readsBack} from './guarded-runs.ts';

const FILE = path.join(import.meta.dirname, 'controller.ts');

/**
 * Carries a run out in a program of its own, and kills that (SIGKILL) as soon as it says `word`: an event's name with the
 * change's number, `verify`, or `verified`. Resolves when it is dead.
 */
export const killedAt = async (target: Target, run: RunSpec, word: string): Promise<boolean> => {
  const child = spawn(process.execPath, [FILE, JSON.stringify({target, run, word})], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let killed = false;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    if (!said.includes(`${word}\n`)) return;
    killed = child.kill('SIGKILL');
  });
  await once(child, 'exit');
  return killed;
};

const main = async (): Promise<void> => {
  const {target, run, word} = JSON.parse(process.argv[2] ?? '') as {target: Target; run: RunSpec; word: string};
  // It holds still where it is to be killed, so that it comes no further.
  const say = (said: string): void => {
    writeSync(1, `${said}\n`);
    if (said === word) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  await carryOut(target, run, {
    verify: async (connection, limits) => {
      say('verify');
      const mismatches = await readsBack(run)(connection, limits);
      say('verified');
      return mismatches;
    },
    onEvent: (event) => say('change' in event ? `${event.event} ${String(event.change)}` : event.event),
  });
};

if (process.argv[1] === FILE) await main();
