import {probeToken} from '../../facts/probe.ts';
import {replayed} from '../../facts/recording-text.ts';
import {Fault} from '../../model/fault.ts';
import type {Answer, Connection, Target} from '../connection.ts';
import {readRecording} from '../recording.ts';

const answerOf = async (target: Target & {via: 'recording'}, script: string): Promise<Answer> => {
  const token = probeToken(script);
  if (token === undefined)
    throw new Fault({
      code: 'recording-no-shell',
      owner: 'tool',
      host: target.name,
      message: `${target.name} is a recording, which answers the probe and no other script`,
    });
  return {stdout: replayed(await readRecording(target.file), token), stderr: '', status: 0};
};

/** A recorded host: it answers the probe as the host once did. */
export const recordingConnection = (target: Target & {via: 'recording'}): Connection => ({
  root: '',
  run: (script) => answerOf(target, script),
  close: () => Promise.resolve(),
});
