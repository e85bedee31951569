import {access, constants, realpath, stat} from 'node:fs/promises';

const succeeds = async (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => true,
    () => false,
  );

export const exists = async (file: string): Promise<boolean> => succeeds(access(file));

export const isExecutable = async (file: string): Promise<boolean> => succeeds(access(file, constants.X_OK));

/** Undefined when nothing is there, or nothing that may be looked at. */
export const isFolder = async (file: string): Promise<boolean | undefined> =>
  stat(file).then(
    (status) => status.isDirectory(),
    () => undefined,
  );

export const isFile = async (file: string): Promise<boolean> =>
  stat(file).then(
    (status) => status.isFile(),
    () => false,
  );

/**
 * The folders on the way down to this one, itself included, by their real paths; undefined when a link has led back to one
 * of them: two such links would make a walk through the tree endless in practice.
 */
export const wayDown = async (above: readonly string[], folder: string): Promise<readonly string[] | undefined> => {
  const real = await realpath(folder);
  return above.includes(real) ? undefined : [...above, real];
};
