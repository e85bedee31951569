import {createHash, randomBytes} from 'node:crypto';
import {rmSync} from 'node:fs';
import {mkdtemp, readdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import type {SourceContext, SourceProgress} from '../../../engine/effects/sources/context.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import type {Store} from '../../../engine/effects/store/store.ts';
import {removeTree} from '../../../engine/effects/store/tree.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {loopbackServer, type Answering, type Loopback} from './server.ts';

export type Bench = {
  folder: string;
  store: Store;
  context: SourceContext;
  notes: string[];
  progress: SourceProgress[];
  /** Cuts a connection once so many bytes of it, which make a file of `upTo` bytes so far, are on the disk. */
  cutAt: (after: number, upTo?: number) => {cut: {after: number; arrived: () => boolean}};
  /** Ends what goes on, as Ctrl-C does. */
  abort: AbortController;
  serve: (answer: Answering, tls?: {key: string; cert: string}) => Promise<Loopback>;
};

const folders = new Set<string>();

// A run that is interrupted does not come to its tests' ends.
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});

/** A folder that goes with the test. */
export const testFolder = async (t: ExecutionContext, prefix: string): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  folders.add(folder);
  t.teardown(async () => {
    await removeTree(folder);
    folders.delete(folder);
  });
  return folder;
};

/** A store and a context of a test's own; they and the servers go with the test. */
export const sourceBench = async (t: ExecutionContext, more: Partial<SourceContext> = {}): Promise<Bench> => {
  const folder = await testFolder(t, 'linerate-sources-');
  const [notes, progress, abort]: [string[], SourceProgress[], AbortController] = [[], [], new AbortController()];
  return {
    folder,
    store: openStore(path.join(folder, 'store')),
    notes,
    progress,
    abort,
    cutAt: (after, upTo = after) => ({cut: {after, arrived: () => progress.at(-1)?.bytes === upTo}}),
    context: {
      folder,
      environment: {},
      signal: abort.signal,
      retryPauseMs: 1,
      onNote: (text) => notes.push(text),
      onProgress: (one) => progress.push(one),
      ...more,
    },
    async serve(answer, tls) {
      const server = await loopbackServer(answer, tls);
      t.teardown(server.close);
      return server;
    },
  };
};

/** The SHA-256 of bytes, by Node's own. */
export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes that nothing else has. */
export const someBytes = (count: number): Buffer => randomBytes(count);

/** What lies among a store's sources and is no whole source: drafts, partial files. */
export const unfinished = async (store: Store): Promise<readonly string[]> =>
  (await readdir(path.join(store.folder, 'sources'))).filter((name) => !/^[0-9a-f]{64}(?:\.files)?$/.test(name));

/** The fault that something ends with. */
export const faultOf = async (t: ExecutionContext, work: Promise<unknown>): Promise<Fault> =>
  t.throwsAsync<Fault>(work, {instanceOf: Fault});
