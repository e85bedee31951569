import path from 'node:path';
import type {Digest} from '../../stages/stage.ts';

const encoded = (letters: string): string => `%${Buffer.from(letters).toString('hex')}`;

/** `kernels/lab-6.1 compile` → `kernels:lab-6.1_compile`: the name of a file, a different one for each stage. */
const fileName = (stage: string): string =>
  stage
    .replaceAll(/[^a-z\d.+@/ -]|^\./gi, encoded)
    .replaceAll('/', ':')
    .replaceAll(' ', '_');

/** Where things lie in a store; people look into it too. */
export const places = (store: string) => ({
  /** Whole outputs: `out/`, `record.json`, `log`. */
  stages: path.join(store, 'stages'),
  stage: (id: Digest): string => path.join(store, 'stages', id),
  sources: path.join(store, 'sources'),
  source: (digest: Digest): string => path.join(store, 'sources', digest),
  /** What is being made; whatever lies here does not count. */
  drafts: path.join(store, 'drafts'),
  locks: path.join(store, 'locks'),
  lock: (id: Digest): string => path.join(store, 'locks', id),
  /** Shared by builds, taken alone by `collect`. */
  busy: path.join(store, 'locks', 'busy'),
  /** A link to the newest output of each stage. */
  latest: path.join(store, 'latest'),
  latestOf: (name: string): string => path.join(store, 'latest', fileName(name)),
  failed: path.join(store, 'failed'),
  failedLog: (name: string): string => path.join(store, 'failed', `${fileName(name)}.log`),
});

export type Places = ReturnType<typeof places>;
