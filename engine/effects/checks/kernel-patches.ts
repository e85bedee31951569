import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import {printable, printableLine} from '../../model/printable.ts';
import {parsePatchStatuses, PATCHES_FILE, REJECTS_FOLDER, type PatchStatus} from '../../stages/kernel/patch-status.ts';
import type {CheckedOutput} from './check.ts';

/** A hunk that was refused: the file it is for, the hunk, and what the file holds in its place. */
export type Reject = {file: string; hunks: string; there: string};

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

/** A refused hunk as it is shown: the hunk, then the file's own lines. */
export const rejectText = ({file, hunks, there}: Reject): string =>
  there === ''
    ? printable(`${hunks.trimEnd()}\n${file} is not in the tree`)
    : printable(`${hunks.trimEnd()}\n${file} holds there:\n${there.trimEnd()}`);

const faultOf = (stage: string, out: string, status: PatchStatus, more: number, rejects: readonly Reject[]): Fault => {
  const files = rejects.map(({file}) => file).join(', ');
  const others = more === 0 ? '' : `; so did ${String(more)} after it`;
  const shown = rejects.map(rejectText).join('\n');
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
