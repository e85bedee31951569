import {open, readlink, type FileHandle} from 'node:fs/promises';
import path from 'node:path';
import type {Stats} from 'node:fs';
import {walk} from './tree.ts';

/** Where two trees differ first. */
export type Difference = {file: string; how: string};

const CHUNK = 1024 ** 2;

const readAt = async (handle: FileHandle, position: number): Promise<Buffer> => {
  const {buffer, bytesRead} = await handle.read({buffer: Buffer.alloc(CHUNK), position});
  return buffer.subarray(0, bytesRead);
};

/** The offset of the first byte in which two files differ. */
const firstByte = async (one: string, other: string): Promise<number | undefined> => {
  const handles = [await open(one), await open(other)] as const;
  try {
    for (let position = 0; ; position += CHUNK) {
      const [a, b] = [await readAt(handles[0], position), await readAt(handles[1], position)];
      if (!a.equals(b)) {
        const place = a.findIndex((byte, index) => byte !== b[index]);
        return position + (place === -1 ? a.length : place);
      }
      if (a.length < CHUNK) return undefined;
    }
  } finally {
    for (const handle of handles) await handle.close();
  }
};

const entries = async (tree: string): Promise<ReadonlyMap<string, Stats>> => {
  const found = new Map<string, Stats>();
  for await (const {file, stats} of walk(tree)) found.set(path.relative(tree, file), stats);
  return found;
};

const compared = async (one: string, other: string, a: Stats, b: Stats): Promise<string | undefined> => {
  if (a.mode !== b.mode) return `its mode is ${a.mode.toString(8)}, then ${b.mode.toString(8)}`;
  if (a.isSymbolicLink()) {
    const [first, second] = [await readlink(one), await readlink(other)];
    return first === second ? undefined : `it points to ${first}, then to ${second}`;
  }
  if (!a.isFile()) return undefined;
  const byte = await firstByte(one, other);
  return byte === undefined ? undefined : `byte ${String(byte)} (of ${String(a.size)}, then ${String(b.size)})`;
};

/** The first file, by name, in which two trees differ: its bytes, mode, link, or being there. */
export const firstDifference = async (one: string, other: string): Promise<Difference | undefined> => {
  const [before, after] = [await entries(one), await entries(other)];
  for (const file of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [a, b] = [before.get(file), after.get(file)];
    if (!a || !b) return {file, how: `only the ${a ? 'first' : 'second'} build made it`};
    const how = await compared(path.join(one, file), path.join(other, file), a, b);
    if (how !== undefined) return {file, how};
  }
  return undefined;
};
