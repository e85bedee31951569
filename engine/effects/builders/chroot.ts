import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {Fault} from '../../model/fault.ts';
import {stageId} from '../../stages/stage-id.ts';
import type {Digest, StageRecord} from '../../stages/stage.ts';
import {digestOf} from '../files.ts';
import type {Store} from '../store/store.ts';
import type {Builder} from './builder.ts';
import {makeRoot} from './chroot-root.ts';
import {isolationOnce, runIn, type HereOptions} from './enclosed.ts';
import {enterText} from './enclosure.ts';
import {compilationOf} from './here.ts';
import {apartWords} from './isolation.ts';
import {PATHS} from './job-folders.ts';
import {versionAnswers, versionQuestions} from './version-questions.ts';

export type ChrootOptions = HereOptions & {
  /** `bookworm-gcc`. */
  name: string;
  release: string;
  /** What is there beside the essential packages. */
  packages: readonly string[];
  /** The digest of all its packages, as they are pinned. */
  digest: Digest;
  /** The folder that holds them. */
  fetch: () => Promise<string>;
  store: Store;
  signal: AbortSignal;
};

const recordOf = ({name, digest}: ChrootOptions): StageRecord => ({
  name: `builders/${name}`,
  inputs: {packages: digest},
  script: digestOf('mmdebstrap, variant essential'),
  files: {},
  environment: {},
  tools: {},
  builder: 'chroot 1',
  checks: [],
});

/** The root folder, made once and kept in the store as the outputs of stages are. */
const rootOf = async (options: ChrootOptions): Promise<string> => {
  const {store, name, release, packages, signal} = options;
  const record = recordOf(options);
  const id = stageId(record, digestOf);
  const there = await store.find(id);
  if (there) return there.folder;
  const debs = await options.fetch();
  const about = {name: `builders/${name}`, release, include: packages};
  const made = await store.make(id, record, async (draft) => makeRoot(about, debs, draft, signal), {signal});
  return made.folder;
};

const noNamespaces = ({name}: ChrootOptions): Fault =>
  new Fault({
    code: 'builder-failed',
    owner: 'user',
    message: `the builder ${name} is a root folder, and this machine lets nobody but root use one`,
    hint: 'run it as root, or allow user namespaces (sysctl user.max_user_namespaces)',
  });

const run = promisify(execFile);

/** What programs of a root folder say of their versions; kept beside, as neither of them changes. */
const versionsIn = async (
  base: string,
  tools: readonly string[],
  isolation: 'root' | 'user',
  {cache, name}: ChrootOptions,
): Promise<Readonly<Record<string, string>>> => {
  const known = path.join(cache, `versions-${digestOf([base, ...tools].join('\n'))}`);
  const kept = await readFile(known, 'utf8').catch(() => undefined);
  const where = {name: `the builder ${name}`, hint: `name its package in builders/${name}.yaml`};
  if (kept !== undefined) return versionAnswers(tools, kept, where);
  await mkdir(cache, {recursive: true});
  const scratch = await mkdtemp(path.join(cache, 'versions-of-'));
  try {
    for (const part of ['root', 'tmp']) await mkdir(path.join(scratch, part));
    const environment = {PATH: PATHS, LC_ALL: 'C.UTF-8', HOME: '/tmp'};
    const enclosure = {
      base,
      root: path.join(scratch, 'root'),
      temporary: path.join(scratch, 'tmp'),
      binds: [],
      environment,
    };
    const text = enterText(enclosure, ['/bin/sh', '-c', versionQuestions(tools)]);
    const {stdout} = await run('/usr/bin/env', [...apartWords(isolation, false), '/bin/sh', '-c', text]);
    const versions = versionAnswers(tools, stdout, where);
    await writeFile(`${scratch}/answers`, stdout);
    await rename(`${scratch}/answers`, known);
    return versions;
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
};

/** Stages run in a root folder of pinned packages, on this machine's kernel. */
export const chrootBuilder = (options: ChrootOptions): Builder => {
  const isolation = isolationOnce();
  const {name, release, digest, inside} = options;
  let root: Promise<string> | undefined;
  const base = async (): Promise<string> => (root ??= rootOf(options));
  const apart = async (): Promise<'root' | 'user'> => {
    const kind = await isolation();
    if (kind === 'none') throw noNamespaces(options);
    return kind;
  };
  return {
    name,
    async identity() {
      await apart();
      return Promise.resolve(`chroot 1, ${release}, ${digest}`);
    },
    versionsOf: async (tools) => (tools.length === 0 ? {} : versionsIn(await base(), tools, await apart(), options)),
    ...runIn({
      base,
      compilation: compilationOf(options),
      isolation,
      ...(inside === undefined ? {} : {inside}),
    }),
  };
};
