import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {readRecording, writeRecording} from '../../../engine/effects/recording.ts';
import {Fault} from '../../../engine/model/fault.ts';

const inFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'linerate-recording-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, {recursive: true});
  }
};

test('what is written is read back', async (t) => {
  await inFolder(async (folder) => {
    const file = path.join(folder, 'host.rec');
    await writeRecording(file, 'T start\nT file /a\nb\nT end\n', 'T');
    t.is(await readFile(file, 'utf8'), 'linerate recording 1 frame\nframe start\nframe file /a\nb\nframe end\n');
    t.deepEqual(await readRecording(file), {token: 'frame', text: 'frame start\nframe file /a\nb\nframe end\n'});
  });
});

test('a missing file and a file of another kind are faults that name it', async (t) => {
  await inFolder(async (folder) => {
    const missing = path.join(folder, 'none.rec');
    const other = path.join(folder, 'other.rec');
    await writeFile(other, 'hello\n');
    const unreadable = await t.throwsAsync(readRecording(missing), {instanceOf: Fault});
    t.is(unreadable.code, 'recording-unreadable');
    t.is(unreadable.message, `the recording ${missing} cannot be read: no such file`);
    const format = await t.throwsAsync(readRecording(other), {instanceOf: Fault});
    t.is(format.code, 'recording-format');
    t.is(format.at, `${other}:1`);
  });
});
