import * as v from 'valibot';
import {printable} from '../../model/printable.ts';

/** What came of one patch of a series, as `templates/kernel/patch.sh` tells it. */
export type PatchStatus = {
  /** Its place in the series, from 1. */
  number: number;
  patch: string;
  /** `already`: the tree held it before; `missing`: the series names a file that is not there. */
  status: 'applied' | 'already' | 'failed' | 'missing';
  /** The most lines of context that a hunk found changed. */
  fuzz: number;
  /** The most lines that a hunk was off its place. */
  offset: number;
  failedHunks: number;
};

/** The file in a patch stage's output that holds the status of all patches. */
export const PATCHES_FILE = 'patches.json';

/** Below this lie, by a patch's number, its refused hunks as `PATH.rej` and what the tree held there as `PATH.there`. */
export const REJECTS_FOLDER = 'rejects';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const Statuses: v.GenericSchema<unknown, PatchStatus[]> = v.array(
  v.strictObject({
    number: count,
    patch: v.string(),
    status: v.picklist(['applied', 'already', 'failed', 'missing']),
    fuzz: count,
    offset: count,
    failedHunks: count,
  }),
);

/** Reads `patches.json`. */
export const parsePatchStatuses = (text: string): readonly PatchStatus[] => v.parse(Statuses, JSON.parse(text));

const lines = (count: number): string => `${String(count)} ${count === 1 ? 'line' : 'lines'}`;

/** `applied, 3 lines off, fuzz 1`; `failed: 2 hunks refused`. */
export const patchStatusText = ({status, fuzz, offset, failedHunks}: PatchStatus): string => {
  if (status === 'missing') return 'not there';
  if (status === 'already') return 'already applied';
  if (status === 'failed')
    return failedHunks === 0
      ? 'failed'
      : `failed: ${String(failedHunks)} ${failedHunks === 1 ? 'hunk' : 'hunks'} refused`;
  return [
    'applied',
    ...(offset > 0 ? [`${lines(offset)} off`] : []),
    ...(fuzz > 0 ? [`fuzz ${String(fuzz)}`] : []),
  ].join(', ');
};

/** A hunk that was refused: the file it is for, the hunk, and what the file holds in its place. */
export type Reject = {file: string; hunks: string; there: string};

/** A refused hunk as it is shown: the hunk, then the file's own lines. */
export const rejectText = ({file, hunks, there}: Reject): string =>
  there === ''
    ? printable(`${hunks.trimEnd()}\n${file} is not in the tree`)
    : printable(`${hunks.trimEnd()}\n${file} holds there:\n${there.trimEnd()}`);
