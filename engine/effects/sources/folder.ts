import {stat} from 'node:fs/promises';
import path from 'node:path';
import {printable} from '../../model/printable.ts';
import {fileDigest} from '../store/source-files.ts';
import type {Store} from '../store/store.ts';
import type {SourceContext} from './context.ts';
import {requestFault, sourceFault, updateCommand, wrongDigest} from './faults.ts';
import type {Origin, RequestFrom} from './origin.ts';
import {withPartial, type Partial} from './partial.ts';
import {demandDone, runProgram} from './program.ts';

/** Same tree, same bytes: nothing of who packs it, when, and in which order a disk lists it. `.git` is not the source's. */
const packed = (folder: string, to: string): readonly string[] => [
  '--create',
  '--format=gnu',
  '--sort=name',
  '--mtime=@0',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mode=u+rw,go=rX,u-s,g-s,o-t',
  '--hard-dereference',
  '--no-xattrs',
  '--no-acls',
  '--no-selinux',
  '--exclude=./.git',
  `--file=${to}`,
  `--directory=${folder}`,
  '.',
];

const pack = async (request: RequestFrom<'folder'>, partial: Partial, context: SourceContext): Promise<void> => {
  const folder = path.resolve(context.folder, request.path);
  const stats = await stat(folder).catch(() => undefined);
  if (!stats?.isDirectory()) throw requestFault('source-folder', `there is no folder ${printable(folder)}`);
  const said = await runProgram('tar', packed(folder, partial.file), {signal: context.signal});
  const store = path.dirname(partial.file);
  await demandDone(said, store, (why) =>
    sourceFault('source-folder', `tar could not pack ${printable(folder)}: ${why}`),
  );
};

const fileName = (request: RequestFrom<'folder'>): string => `${path.basename(path.resolve('/', request.path))}.tar`;

const known = (request: RequestFrom<'folder'>, context: SourceContext): string =>
  `folder ${path.resolve(context.folder, request.path)}`;

/** Folders of this machine. */
export const folderOrigin: Origin<RequestFrom<'folder'>> = {
  resolve: async (_name, request, store: Store, context) =>
    withPartial(store, known(request, context), context.signal, async (partial) => {
      await pack(request, partial, context);
      const [sha256, size] = [await fileDigest(partial.file), await partial.size()];
      await store.addSource(sha256, partial.file);
      return {request, version: sha256.slice(0, 12), files: [{name: fileName(request), sha256, size, urls: []}]};
    }),
  fetch: async (name, request, {file}, store, context) =>
    withPartial(store, known(request, context), context.signal, async (partial) => {
      await pack(request, partial, context);
      const found = await fileDigest(partial.file);
      if (found === file.sha256) return store.addSource(found, partial.file);
      await partial.discard();
      const hint = `it has changed since; \`${updateCommand(name)}\` pins it as it is now`;
      throw wrongDigest(`the folder ${printable(request.path)}`, file.sha256, found, hint);
    }),
};
