import {createReadStream} from 'node:fs';
import {stat} from 'node:fs/promises';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import type {Upload} from '../model/setting.ts';
import {shellQuote} from '../model/shell.ts';
import {uploadDigest, UPLOADS} from '../model/upload.ts';
import type {Connection, Target} from './connection.ts';
import {connect} from './connections/connect.ts';
import type {Pacing} from './connections/pacing.ts';

export type UploadOptions = {
  /** An open connection to ask over what is there already; it stays the caller's. */
  connection?: Connection;
  pacing?: Pacing;
  signal?: AbortSignal;
  /** Told again and again how many bytes of a file of `size` bytes were handed to the connection. */
  onProgress?: (upload: Upload, sent: number, size: number) => void;
};

const CHUNK = 256 * 1024;
const CHECK_MS = 120_000;
const NO_SUM = 3;
const OTHER_BYTES = 4;

type Sending = Upload & {sha256: string};

const sendingOf = (upload: Upload): Sending => {
  const sha256 = uploadDigest(upload.to);
  if (sha256 !== undefined) return {...upload, sha256};
  throw new TypeError(`${upload.to} is no place for an upload`);
};

/** Prints the places (from 0) of those that are not there with the bytes that they should have. */
const missingScript = (uploads: readonly Sending[]): string =>
  [
    `command -v sha256sum >/dev/null || exit ${String(NO_SUM)}`,
    ...uploads.map(
      ({to, sha256}, place) =>
        `[ "$(sha256sum 2>/dev/null <${shellQuote(to)})" = '${sha256}  -' ] || echo ${String(place)}`,
    ),
    ':',
  ].join('\n');

/** Takes a file from its standard input: it is in its place once its bytes are the right ones, and not before. */
const receiveScript = ({to, sha256}: Sending): string => `umask 077
to=${shellQuote(to)}
folder=\${to%/*}
draft=$folder/.draft.$$
trap 'rm -f "$draft"' EXIT
trap 'exit 1' HUP INT TERM PIPE
mkdir -p "$folder" && chmod 700 ${UPLOADS} || exit 1
# Of a host that lost its power half-way.
find "$folder" -name '.draft.*' -mmin +1440 -exec rm -f {} + 2>/dev/null
cat >"$draft" || exit 1
[ "$(sha256sum <"$draft")" = '${sha256}  -' ] || exit ${String(OTHER_BYTES)}
sync "$draft" 2>/dev/null
mv -f "$draft" "$to"`;

const failed = (host: string, {from, to}: Upload, status: number, stderr: string): Fault => {
  if (status === OTHER_BYTES)
    return new Fault({
      code: 'upload-changed',
      owner: 'user',
      host,
      message: `what came to ${host} is not what ${printableLine(from)} was: the file was changed meanwhile, or damaged on its way`,
      hint: 'run again',
    });
  return new Fault({
    code: 'upload-failed',
    owner: 'host',
    host,
    message: `${host} did not take ${printableLine(to)}: ${printableLine(stderr.trim() || `exit status ${String(status)}`, 300)}`,
    hint: `linerate needs to be root there (-b), and room in ${UPLOADS}`,
  });
};

const missingOn = async (connection: Connection, host: string, uploads: readonly Sending[]): Promise<Sending[]> => {
  const {stdout, status} = await connection.run(missingScript(uploads), {timeoutMs: CHECK_MS});
  if (status === NO_SUM)
    throw new Fault({
      code: 'upload-no-sha256sum',
      owner: 'host',
      host,
      message: `${host} has no sha256sum, without which nothing that is sent there can be trusted`,
      hint: 'it comes with coreutils, and with busybox',
    });
  const places = new Set(stdout.split('\n').flatMap((line) => (/^\d+$/.test(line) ? [Number(line)] : [])));
  return uploads.filter((_, place) => places.has(place));
};

const unreadable = (from: string, cause: unknown): Fault =>
  new Fault({
    code: 'upload-unreadable',
    owner: 'user',
    message: `${printableLine(from)} cannot be read: ${printableLine(cause instanceof Error ? cause.message : String(cause))}`,
    cause,
  });

/** A file's bytes in pieces; never all of them at once. */
async function* pieces(upload: Upload, onProgress: UploadOptions['onProgress']): AsyncGenerator<Uint8Array> {
  try {
    const {size} = await stat(upload.from);
    let sent = 0;
    const chunks: AsyncIterable<Uint8Array> = createReadStream(upload.from, {highWaterMark: CHUNK});
    for await (const chunk of chunks) {
      yield chunk;
      sent += chunk.length;
      onProgress?.(upload, sent, size);
    }
  } catch (cause) {
    throw unreadable(upload.from, cause);
  }
}

/** Sends one file over a connection of its own: what a shell reads its scripts from cannot bring a file as well. */
const send = async (target: Target, upload: Sending, {pacing, signal, onProgress}: UploadOptions): Promise<void> => {
  const connection = connect(target, {pacing, signal});
  try {
    const {status, stderr} = await connection.run(receiveScript(upload), {input: pieces(upload, onProgress)});
    if (status !== 0) throw failed(target.name, upload, status, stderr);
  } finally {
    await connection.close();
  }
};

/**
 * Sends files to a host, each to the place that its digest names (`uploadPath`): one that is there already is not sent, and
 * none is in its place before its bytes were checked there. Answers those that were sent.
 * @throws Fault where a file cannot be read, the host cannot be reached, or does not take it
 */
export const sendUploads = async (
  target: Target,
  uploads: readonly Upload[],
  options: UploadOptions = {},
): Promise<readonly Upload[]> => {
  const wanted = [...new Map(uploads.map((upload) => [upload.to, sendingOf(upload)])).values()];
  if (wanted.length === 0) return [];
  // The shell that reads an image's root is this machine's own.
  if (target.via !== 'ssh' && target.via !== 'local') throw new TypeError(`${target.name} is no host to send files to`);
  const connection = options.connection ?? connect(target, options);
  try {
    const missing = await missingOn(connection, target.name, wanted);
    for (const upload of missing) await send(target, upload, options);
    return missing.map(({from, to}) => ({from, to}));
  } finally {
    if (!options.connection) await connection.close();
  }
};
