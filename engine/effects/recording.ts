import {readFile} from 'node:fs/promises';
import {type Recording, readRecordingText, recordingOf} from '../facts/recording-text.ts';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import {writeWhole} from './files.ts';

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    ? 'no such file'
    : String(cause instanceof Error ? cause.message : cause);

/**
 * Reads a recording file.
 * @throws Fault `recording-unreadable` when the file cannot be read, `recording-format` when it is not a whole recording
 */
export const readRecording = async (file: string): Promise<Recording> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Fault({
      code: 'recording-unreadable',
      owner: 'user',
      message: `the recording ${printable(file)} cannot be read: ${printable(reasonOf(cause))}`,
      cause,
    });
  });
  const recording = readRecordingText(text);
  if (!('reason' in recording)) return recording;
  throw new Fault({
    code: 'recording-format',
    owner: 'user',
    message: `${printable(file)} is not a recording that can be replayed: ${recording.reason}`,
    hint: 'make one with: linerate facts --record FILE',
    at: `${file}:1`,
  });
};

/**
 * Writes a probe's output (frames that begin with `token`) as a scrubbed recording; an existing file is replaced.
 * @throws Fault `cannot-write`
 */
export const writeRecording = async (file: string, output: string, token: string): Promise<void> =>
  writeWhole(file, recordingOf(output, token));
