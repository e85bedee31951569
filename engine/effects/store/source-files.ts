import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {chmod, copyFile, rename, rm} from 'node:fs/promises';
import {pipeline} from 'node:stream/promises';
import {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';
import type {Digest} from '../../stages/stage.ts';
import type {Places} from './places.ts';

/** The SHA-256 of a file's bytes. */
export const fileDigest = async (file: string): Promise<Digest> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

export const findSource = async (at: Places, digest: Digest): Promise<string | undefined> => {
  const file = at.source(digest);
  const held = await fileDigest(file).catch(() => undefined);
  return held === digest ? file : undefined;
};

const moveOver = async (file: string, place: string): Promise<void> => {
  try {
    await rename(file, place);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    const aside = `${place}.${String(process.pid)}`;
    await copyFile(file, aside);
    await rename(aside, place);
    await rm(file, {force: true});
  }
};

export const takeSource = async (at: Places, digest: Digest, file: string): Promise<string> => {
  const held = await fileDigest(file);
  if (held !== digest)
    throw new Fault({
      code: 'wrong-digest',
      owner: 'tool',
      message: `${printable(file)} has the SHA-256 ${held} instead of ${digest}`,
      hint: 'what was fetched is not what was pinned: nothing is built from it',
    });
  await chmod(file, 0o444);
  await moveOver(file, at.source(digest));
  return at.source(digest);
};
