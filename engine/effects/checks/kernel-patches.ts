import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {
  parsePatchStatuses,
  PATCHES_FILE,
  REJECTS_FOLDER,
  rejectText,
  type PatchStatus,
  type Reject,
} from '../../stages/kernel/patch-status.ts';
import type {CheckedOutput} from './check.ts';

const ENDING = '.rej';

const textOf = async (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** The refused hunks of a patch in a patch stage's output; none where it was not refused. */
export const rejectsOf = async (out: string, {number}: PatchStatus): Promise<readonly Reject[]> => {
  const folder = path.join(out, REJECTS_FOLDER, String(number));
  const files = await readdir(folder, {recursive: true}).catch(() => []);
  return Promise.all(
    files
      .filter((file) => file.endsWith(ENDING))
      .sort()
      .map(async (file) => {
        const name = file.slice(0, -ENDING.length);
        return {
          file: name,
          hunks: await textOf(path.join(folder, file)),
          there: await textOf(path.join(folder, `${name}.there`)),
        };
      }),
  );
};

/** What came of each patch in a patch stage's output. */
export const patchStatuses = async (out: string): Promise<readonly PatchStatus[]> =>
  parsePatchStatuses(await readFile(path.join(out, PATCHES_FILE), 'utf8'));

/** Of the first refused file: the command that the hint names shows all. */
const MOST_LINES = 40;

const faultOf = (stage: string, out: string, status: PatchStatus, more: number, rejects: readonly Reject[]): Fault => {
  const files = rejects.map(({file}) => file).join(', ');
  const others = more === 0 ? '' : `; so did ${String(more)} after it`;
  const shown = rejects.slice(0, 1).map(rejectText).join('').split('\n').slice(0, MOST_LINES).join('\n');
  return new Fault({
    code: 'patch-failed',
    owner: 'user',
    message: printableLine(
      `${stage}: patch ${String(status.number)} of the series, ${status.patch}, ${status.status === 'missing' ? 'is not there' : `does not apply${files === '' ? '' : ` to ${files}`}`}${others}`,
    ),
    hint: `\`linerate kernel patches ${stage.split(' ', 1)[0] ?? ''}\` tells what came of each${shown === '' ? '' : `\n${shown}`}`,
    at: path.join(out, PATCHES_FILE),
  });
};

/** Whether every patch of a series was applied. */
export const check = async ({stage, out}: CheckedOutput): Promise<readonly Fault[]> => {
  const bad = (await patchStatuses(out)).filter(({status}) => status === 'failed' || status === 'missing');
  const [first, ...others] = bad;
  if (first === undefined) return [];
  return [faultOf(stage, out, first, others.length, await rejectsOf(out, first))];
};
