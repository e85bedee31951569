import {chmod, mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Job} from './builder.ts';
import {ccacheEnvironment, ccacheIn, compilersIn} from './compiler-cache.ts';
import type {Bind, Enclosure} from './enclosure.ts';

/** Where a stage's script looks for programs. */
export const PATHS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const COMPILERS = 'compilers';

/** Binds and variables with which every compiler's name stands for ccache, which finds the true one behind it. */
const compilerCache = async (
  base: string,
  {scratch}: Job,
  inside: string,
  cache: string,
): Promise<{binds: readonly Bind[]; environment: Readonly<Record<string, string>>}> => {
  const ccache = await ccacheIn(base);
  if (ccache === undefined) return {binds: [], environment: {}};
  const links = path.join(scratch, COMPILERS);
  await rm(links, {recursive: true, force: true});
  await mkdir(links);
  for (const name of await compilersIn(base)) await symlink(ccache, path.join(links, name));
  await mkdir(cache, {recursive: true});
  return {
    binds: [
      {from: cache, to: `${inside}/ccache`, write: true},
      {from: links, to: `${inside}/${COMPILERS}`, write: false},
    ],
    environment: {PATH: `${inside}/${COMPILERS}:${PATHS}`, ...ccacheEnvironment(inside)},
  };
};

const openToAll = async (folder: string): Promise<string> => {
  await chmod(folder, 0o1777);
  return folder;
};

/**
 * The root in which a job runs, its folders made below its scratch folder.
 * @param inside the folder below which the script finds them
 * @param ccache the folder of the compilers' cache, if there is to be one
 */
export const enclosureOf = async (
  base: string,
  job: Job,
  inside: string,
  ccache: string | undefined,
): Promise<Enclosure> => {
  const own = async (name: string): Promise<string> => {
    const folder = path.join(job.scratch, name);
    await mkdir(folder, {recursive: true});
    return folder;
  };
  const script = path.join(job.scratch, 'script');
  await writeFile(script, job.script);
  const cached = ccache === undefined ? {binds: [], environment: {}} : await compilerCache(base, job, inside, ccache);
  return {
    base,
    root: await own('root'),
    temporary: await openToAll(await own('tmp')),
    binds: [
      ...Object.entries(job.inputs).map(([name, from]) => ({from, to: `${inside}/in/${name}`, write: false})),
      {from: job.files, to: `${inside}/files`, write: false},
      {from: job.out, to: `${inside}/out`, write: true},
      {from: await own('work'), to: `${inside}/work`, write: true},
      {from: await own('home'), to: `${inside}/home`, write: true},
      {from: script, to: `${inside}/script`, write: false},
      ...cached.binds,
    ],
    environment: {
      PATH: PATHS,
      HOME: `${inside}/home`,
      IN: `${inside}/in`,
      FILES: `${inside}/files`,
      OUT: `${inside}/out`,
      WORK: `${inside}/work`,
      ...cached.environment,
      ...job.environment,
    },
  };
};
