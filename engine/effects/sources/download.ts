import {open, statfs, truncate} from 'node:fs/promises';
import path from 'node:path';
import type {Digest} from '../../stages/stage.ts';
import {fileDigest} from '../store/source-files.ts';
import {storeFull} from '../store/faults.ts';
import type {SourceContext} from './context.ts';
import type {Answer, Ask} from './exchange.ts';
import {Passing, shownUrl, sourceFault, wrongDigest} from './faults.ts';
import {askOnce, persist} from './persist.ts';
import type {Partial} from './partial.ts';

export type Wanted = Ask & {
  /** For progress. */
  name: string;
  size?: number;
  sha256?: Digest;
};

/** What tells one content of an address from another (RFC 9110, 8.8); a weak one does not tell bytes. */
const validatorOf = ({headers}: Answer): string | undefined =>
  headers.etag !== undefined && !headers.etag.startsWith('W/') ? headers.etag : headers['last-modified'];

/** Where a part starts and how long the whole is: `bytes 100-199/200`. */
const rangeOf = ({headers}: Answer): {start: number; total?: number} | undefined => {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  if (start === undefined) return undefined;
  return {start: Number(start), ...(total === undefined || total === '*' ? {} : {total: Number(total)})};
};

const totalOf = (answer: Answer, from: number): number | undefined => {
  const range = rangeOf(answer);
  if (range?.total !== undefined) return range.total;
  const length = answer.headers['content-length'];
  return length === undefined ? undefined : from + Number(length);
};

const refuse = (wanted: Wanted, {status}: Answer): Error => {
  const shown = shownUrl(wanted.url);
  if (status === 404 || status === 410) return sourceFault('source-gone', `${shown} is not there (${String(status)})`);
  if (status === 401 || status === 403)
    return sourceFault('source-refused', `${shown} is not for us (${String(status)})`, {
      hint: 'a private repository needs GITHUB_TOKEN or GH_TOKEN',
    });
  return sourceFault('source-answer', `${shown} answered ${String(status)}`);
};

const demandRoom = async (wanted: Wanted, folder: string, bytes: number): Promise<void> => {
  const {bavail, bsize} = await statfs(folder);
  if (bavail * bsize < bytes) throw await storeFull(folder, undefined, wanted.url);
};

const wrongLength = (wanted: Wanted, found: number): Error =>
  sourceFault('wrong-length', `${shownUrl(wanted.url)} has ${String(found)} bytes, not ${String(wanted.size)}`, {
    hint: 'what is there is not what was pinned: nothing is built from it',
  });

/** How many bytes of the partial the answer goes on from. */
const startOf = async (answer: Answer, partial: Partial, had: number): Promise<number> => {
  if (answer.status === 206 && rangeOf(answer)?.start === had) return had;
  if (answer.status === 206) throw new Passing('it sent another part than was asked for');
  if (had > 0) await truncate(partial.file, 0);
  return 0;
};

const requestRest = async (wanted: Wanted, partial: Partial, context: SourceContext): Promise<[Answer, number]> => {
  const [size, validator] = [await partial.size(), await partial.validator()];
  // Only what is known to be a part of the same file is gone on with.
  const had = validator === undefined ? 0 : size;
  const resume = had > 0 && validator !== undefined ? {range: `bytes=${String(had)}-`, 'if-range': validator} : {};
  const answer = await askOnce({...wanted, headers: {...wanted.headers, ...resume}}, context);
  if (answer.status === 416) {
    answer.body.destroy();
    await partial.discard();
    throw new Passing('it has no such part any more');
  }
  if (answer.status !== 200 && answer.status !== 206) {
    answer.body.destroy();
    throw refuse(wanted, answer);
  }
  return [answer, await startOf(answer, partial, had === 0 ? size : had)];
};

type Rest = {body: AsyncIterable<Buffer>; from: number; total?: number};

/** One chunk is written before the next is taken: what a cut leaves on the disk has no holes. */
const transfer = async (
  wanted: Wanted,
  partial: Partial,
  {body, from, total}: Rest,
  context: SourceContext,
): Promise<number> => {
  const file = await open(partial.file, from === 0 ? 'w' : 'a', 0o600);
  let bytes = from;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (wanted.size !== undefined && bytes > wanted.size) throw wrongLength(wanted, bytes);
      await file.appendFile(chunk);
      context.onProgress?.({name: wanted.name, bytes, ...(total === undefined ? {} : {total})});
    }
  } finally {
    await file.close();
  }
  return bytes;
};

const attempt = async (wanted: Wanted, partial: Partial, context: SourceContext): Promise<void> => {
  const [answer, from] = await requestRest(wanted, partial, context);
  const total = totalOf(answer, from);
  try {
    if (wanted.size !== undefined && total !== undefined && total !== wanted.size) throw wrongLength(wanted, total);
    if (total !== undefined) await demandRoom(wanted, path.dirname(partial.file), total - from);
    await partial.keep(validatorOf(answer));
  } catch (error) {
    answer.body.destroy();
    throw error;
  }
  const bytes = await transfer(
    wanted,
    partial,
    {body: answer.body, from, ...(total === undefined ? {} : {total})},
    context,
  );
  const length = total ?? wanted.size;
  if (length !== undefined && bytes < length) throw new Passing(`it sent ${String(bytes)} of ${String(length)} bytes`);
};

const demandDigest = async (wanted: Wanted, partial: Partial, found: Digest): Promise<void> => {
  if (wanted.sha256 === undefined || wanted.sha256 === found) return;
  await partial.discard();
  throw wrongDigest(
    shownUrl(wanted.url),
    wanted.sha256,
    found,
    'nothing is built from it; whoever publishes it has changed it, or somebody on the way has',
  );
};

/**
 * Downloads into a partial file, going on where an earlier attempt was cut off, and answers with its digest.
 * @throws Fault `source-gone`, `source-refused`, `source-unreachable`, `wrong-length`, `wrong-digest`, `store-full`
 */
export const download = async (wanted: Wanted, partial: Partial, context: SourceContext): Promise<Digest> => {
  const isWhole = async (): Promise<boolean> => wanted.size !== undefined && (await partial.size()) === wanted.size;
  if (!(await isWhole())) await persist(wanted.url, async () => attempt(wanted, partial, context), context);
  const found = await fileDigest(partial.file);
  await demandDigest(wanted, partial, found);
  return found;
};
