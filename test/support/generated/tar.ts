import {Buffer} from 'node:buffer';
import type {Tree} from './tree.ts';

const BLOCK = 512;

const octal = (number: number, width: number): string => `${number.toString(8).padStart(width - 1, '0')}\0`;

/** ustar keeps 100 bytes of a name, and 155 more of the folders before it. */
const splitName = (path: string): readonly [name: string, prefix: string] => {
  if (path.length <= 100) return [path, ''];
  const cut = path.indexOf('/', path.length - 101);
  if (cut < 0 || cut > 155) throw new Error(`${path} is too long for a tar archive`);
  return [path.slice(cut + 1), path.slice(0, cut)];
};

const member = (path: string, body: Buffer, target: string | undefined): Buffer => {
  if ((target?.length ?? 0) > 100) throw new Error(`${target ?? ''} is too long a target for a tar archive`);
  const header = Buffer.alloc(BLOCK);
  const [name, prefix] = splitName(path);
  header.write(name, 0);
  header.write(octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(body.length, 12) + octal(0, 12), 100);
  header.write(`        ${target === undefined ? '0' : '2'}${target ?? ''}`, 148);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  );
  return Buffer.concat([header, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)]);
};

/** A tree's files and links as an uncompressed tar archive (POSIX.1-1988, ustar); folders come with their members. */
export const tarOf = (tree: Tree): Buffer =>
  Buffer.concat([
    ...[...tree.files].map(([path, text]) => member(path.slice(1), Buffer.from(text), undefined)),
    ...[...tree.links].map(([path, target]) => member(path.slice(1), Buffer.alloc(0), target)),
    Buffer.alloc(2 * BLOCK),
  ]);
