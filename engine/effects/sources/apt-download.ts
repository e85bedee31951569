import {rm} from 'node:fs/promises';
import path from 'node:path';
import type {LockedFile} from '../../stages/sources/lock.ts';
import {storeFull} from '../store/faults.ts';
import {fileDigest} from '../store/source-files.ts';
import type {ToolOutcome} from '../system-tool.ts';
import type {SourceContext} from './context.ts';
import {APT_HELPER} from './apt.ts';
import {shownUrl, sourceFault, wrongDigest} from './faults.ts';
import {runInGroup} from './own-group.ts';
import type {Partial} from './partial.ts';
import {complaint} from './program.ts';

const LOOK_MS = 250;

/** What apt tells of a download that failed. */
const failure = async (url: string, file: LockedFile, partial: Partial, said: ToolOutcome): Promise<Error> => {
  const shown = shownUrl(url);
  // Apt puts aside what is not what it should be, where it is of no use to us.
  await rm(`${partial.file}.FAILED`, {force: true});
  const [, found] = /Hashes of received file:[\s\S]*?SHA256:([0-9a-f]{64})/.exec(said.stderr) ?? [];
  if (found !== undefined && found !== file.sha256) {
    await partial.discard();
    return wrongDigest(shown, file.sha256, found, 'nothing is built from it');
  }
  if (/\b(?:404|410) |File not found/.test(said.stderr)) return sourceFault('source-gone', `${shown} is not there`);
  if (/No space left on device/.test(said.stderr)) return storeFull(path.dirname(partial.file));
  return sourceFault('source-unreachable', `${shown} cannot be had: ${complaint(said)}`);
};

/**
 * Downloads a file of an archive by apt's own transport, with the proxies and credentials that this machine has for archives;
 * it goes on where an earlier attempt was cut off.
 * @throws Fault `source-gone`, `source-unreachable`, `wrong-digest`
 */
export const aptDownload = async (
  url: string,
  file: LockedFile,
  partial: Partial,
  context: SourceContext,
): Promise<void> => {
  const look = setInterval(() => {
    void partial.size().then((bytes) => context.onProgress?.({name: file.name, bytes, total: file.size}));
  }, LOOK_MS);
  try {
    const words = ['-o', 'Acquire::Retries=3', 'download-file', url, partial.file, `SHA256:${file.sha256}`];
    const said = await runInGroup(APT_HELPER, words, context);
    if (said.status !== 0) throw await failure(url, file, partial, said);
  } finally {
    clearInterval(look);
  }
  context.onProgress?.({name: file.name, bytes: file.size, total: file.size});
  const found = await fileDigest(partial.file);
  if (found === file.sha256) return;
  await partial.discard();
  throw wrongDigest(shownUrl(url), file.sha256, found, 'nothing is built from it');
};
