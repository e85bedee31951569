import type {Answer, ConnectOptions, RunOptions, Target} from '../../../engine/effects/connection.ts';
import {connect} from '../../../engine/effects/connections/connect.ts';
import {Fault} from '../../../engine/model/fault.ts';
import type {Lab, LabHost} from './lab.ts';

/** The lab's host of that place, counted from 0. */
export const hostAt = (lab: Lab, index: number): LabHost => {
  const host = lab.hosts[index];
  if (!host) throw new Error(`the lab has no host ${String(index)}`);
  return host;
};

/** Runs one script over a connection of its own. */
export const runOn = async (
  target: Target,
  script: string,
  options: RunOptions & ConnectOptions = {},
): Promise<Answer> => {
  const connection = connect(target, options);
  try {
    return await connection.run(script, options);
  } finally {
    await connection.close();
  }
};

/** The fault that a run ends with; throws where it ends well or in another way. */
export const faultOn = async (target: Target, script = 'echo never', options: RunOptions = {}): Promise<Fault> => {
  const outcome = await runOn(target, script, options).then(
    (answer) => answer,
    (reason: unknown) => reason,
  );
  if (outcome instanceof Fault) return outcome;
  throw outcome instanceof Error ? outcome : new Error(`no fault but ${JSON.stringify(outcome)}`);
};
