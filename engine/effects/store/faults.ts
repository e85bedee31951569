import {statfs} from 'node:fs/promises';
import {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR']);
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Whether a call failed because the disk, or what its user may take of it, is full. */
export const isNoSpace = (error: unknown): boolean => FULL.has(codeOf(error) ?? '');

const MIB = 1024 ** 2;

/** `12.5 MiB`. */
export const mebibytes = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

/** What is free to us on a folder's file system, in bytes. */
export const freeBytes = async (folder: string): Promise<number> => {
  const {bavail, bsize} = await statfs(folder);
  return bavail * bsize;
};

/** `written` is what a draft had come to, in bytes. */
export const storeFull = async (folder: string, written?: number, cause?: unknown): Promise<Fault> => {
  const free = await freeBytes(folder);
  const draft = written === undefined ? '' : `; the stage had written ${mebibytes(written)} and wanted more`;
  return new Fault({
    code: 'store-full',
    owner: 'user',
    message: `the disk of the store ${printable(folder)} is full: ${mebibytes(free)} are free${draft}`,
    hint: '`linerate store gc` removes what was not used for long; --store DIR puts it on another disk',
    cause,
  });
};

/** A file system's refusal as a Fault; whatever else it is comes back as it is. */
export const storeFault = async (error: unknown, folder: string): Promise<unknown> => {
  const code = codeOf(error);
  if (isNoSpace(error)) return storeFull(folder, undefined, error);
  if (code === undefined || !UNWRITABLE.has(code)) return error;
  return new Fault({
    code: 'store-unwritable',
    owner: 'user',
    message: `the store ${printable(folder)} cannot be written to: ${error instanceof Error ? printable(error.message) : code}`,
    hint: '--store DIR names another folder',
    cause: error,
  });
};
