import {uploadedAt} from '../../../resources/file.ts';
import {fileText, type Access} from '../../../resources/file-value.ts';
import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

/** A file of the controller, with its digest in hexadecimal. */
type Local = {path: string; sha256: string};

export type FileWish = WishDetails & {
  /** Permission bits, 0o644 where not given (0o755 for a folder). */
  mode?: number;
  /** `USER:GROUP` by their names; `root:root` where not given. */
  owner?: string;
};

const accessOf = ({mode, owner = 'root:root'}: FileWish, standard: number): Access => ({
  mode: mode ?? standard,
  owner,
});

const wish = (path: string, to: string, details: WishDetails): Wish => ({
  set: `file ${path}`,
  to,
  ...detailsOf(details),
});

/**
 * A file on the host: with this text, or a copy of a file of the controller, or none at all. A link that lies there is
 * replaced, not followed. Missing folders above it are made.
 */
export const file = (
  path: string,
  options: (FileWish & ({text: string} | {from: Local})) | (WishDetails & {absent: true}),
): Wish => {
  if ('absent' in options) return wish(path, 'absent', options);
  const access = accessOf(options, 0o644);
  if ('text' in options) return wish(path, fileText({is: 'text', ...access, text: options.text}), options);
  const {path: from, sha256} = options.from;
  return {
    ...wish(path, fileText({is: 'bytes', ...access, sha256}), options),
    uploads: [{from, to: uploadedAt(path, sha256)}],
  };
};

/** A symbolic link at `path` that leads to `target`, as it is written there. */
export const link = (path: string, options: WishDetails & {target: string}): Wish =>
  wish(path, fileText({is: 'link', target: options.target}), options);

/** A folder; those above it are made too where they are missing. */
export const folder = (path: string, options: FileWish): Wish =>
  wish(path, fileText({is: 'folder', ...accessOf(options, 0o755)}), options);
