import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {printable, printableLine} from '../../model/printable.ts';
import type {ToolOutcome} from '../system-tool.ts';
import type {SourceContext} from './context.ts';
import {requestFault, shownUrl} from './faults.ts';
import {complaint, runProgram} from './program.ts';

/** gpgv takes keys in binary only: what stands between an armour's head and its checksum (RFC 9580, 6). */
const withoutArmour = (bytes: Buffer): Buffer => {
  const text = bytes.toString('latin1');
  const blocks = text.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n([A-Za-z\d+/=\r\n]+)/g);
  const keys = [...blocks].map(([, body = '']) => Buffer.from(body.replace(/\n=[A-Za-z\d+/]{4}\s*$/, ''), 'base64'));
  return keys.length === 0 ? bytes : Buffer.concat(keys);
};

const readKey = async (key: string, context: SourceContext): Promise<Buffer> => {
  const file = path.resolve(context.folder, key);
  try {
    return withoutArmour(await readFile(file));
  } catch (cause) {
    const why = printableLine(cause instanceof Error ? cause.message : String(cause));
    throw requestFault('source-key', `the key ${printable(file)} cannot be read: ${why}`);
  }
};

const DECOMPRESSORS: Readonly<Record<string, string>> = {'.xz': 'xz', '.gz': 'gzip', '.bz2': 'bzip2', '.zst': 'zstd'};

/** Kernel.org signs the tar inside: `linux-6.1.tar.sign` beside `linux-6.1.tar.xz`. */
const decompressorFor = (data: string, signature: string): string | undefined => {
  const ending = path.extname(data);
  const inside = path.basename(data, ending);
  return path.basename(signature).startsWith(`${inside}.`) && !path.basename(signature).startsWith(path.basename(data))
    ? DECOMPRESSORS[ending]
    : undefined;
};

export type Signed = {
  /** Paths of what is signed and of its detached signature. */
  data: string;
  signature: string;
  /** The addresses that they came from. */
  urls: {data: string; signature: string};
  /** A file with the public keys of those who may sign, armoured or not. */
  key: string;
};

const verify = async (signed: Signed, keyring: string, context: SourceContext): Promise<ToolOutcome> => {
  const decompressor = decompressorFor(new URL(signed.urls.data).pathname, new URL(signed.urls.signature).pathname);
  const limits = {signal: context.signal};
  if (decompressor === undefined)
    return runProgram('gpgv', ['--keyring', keyring, signed.signature, signed.data], limits);
  const script = '"$1" -dc <"$2" | gpgv --keyring "$3" "$4" -';
  return runProgram('sh', ['-c', script, 'sh', decompressor, signed.data, keyring, signed.signature], limits);
};

/**
 * Checks a detached signature with gpgv.
 * @throws Fault `source-signature`, `source-key`, `missing-tool`
 */
export const demandSignature = async (signed: Signed, context: SourceContext): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'linerate-key-'));
  try {
    const keyring = path.join(folder, 'keyring.gpg');
    await writeFile(keyring, await readKey(signed.key, context));
    const said = await verify(signed, keyring, context);
    if (said.status !== 0)
      throw requestFault(
        'source-signature',
        `${shownUrl(signed.urls.data)} is not signed by a key of ${printable(signed.key)}: ${complaint(said)}`,
        'nothing is built from it',
      );
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
};
