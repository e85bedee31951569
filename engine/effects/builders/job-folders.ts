import {chmod, mkdir, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import type {Job} from './builder.ts';
import {ccacheEnvironment, compilersIn, wrapperIn, type Compilation} from './compiler-cache.ts';
import type {Bind, Enclosure} from './enclosure.ts';

/** Where a stage's script looks for programs. */
export const PATHS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const COMPILERS = 'compilers';

type Wrapped = {binds: readonly Bind[]; environment: Readonly<Record<string, string>>};

const noDistcc = (): Fault =>
  new Fault({
    code: 'missing-tool',
    owner: 'user',
    message: 'the program distcc is missing',
    hint: 'apt-get install distcc, here and where it is to compile',
  });

/** Binds and variables with which every compiler's name stands for a wrapper, which finds the true one behind it. */
const wrapCompilers = async (base: string, {scratch}: Job, inside: string, how: Compilation): Promise<Wrapped> => {
  const ccache = how.ccache === undefined ? undefined : await wrapperIn(base, 'ccache');
  const distcc = how.distcc === undefined ? undefined : await wrapperIn(base, 'distcc');
  if (how.distcc !== undefined && distcc === undefined) throw noDistcc();
  const wrapper = ccache ?? distcc;
  if (wrapper === undefined) return {binds: [], environment: {}};
  const links = path.join(scratch, COMPILERS);
  await rm(links, {recursive: true, force: true});
  await mkdir(links);
  for (const name of await compilersIn(base)) await symlink(wrapper, path.join(links, name));
  const binds: Bind[] = [{from: links, to: `${inside}/${COMPILERS}`, write: false}];
  if (ccache !== undefined && how.ccache !== undefined) {
    await mkdir(how.ccache, {recursive: true});
    binds.push({from: how.ccache, to: `${inside}/ccache`, write: true});
  }
  return {
    binds,
    environment: {
      PATH: `${inside}/${COMPILERS}:${PATHS}`,
      ...(ccache === undefined ? {} : ccacheEnvironment(inside)),
      ...(how.distcc === undefined ? {} : {DISTCC_HOSTS: how.distcc}),
      ...(ccache === undefined || distcc === undefined ? {} : {CCACHE_PREFIX: 'distcc'}),
    },
  };
};

const openToAll = async (folder: string): Promise<string> => {
  await chmod(folder, 0o1777);
  return folder;
};

/**
 * The root in which a job runs, its folders made below its scratch folder.
 * @param inside the folder below which the script finds them
 */
export const enclosureOf = async (
  base: string,
  job: Job,
  inside: string,
  compilation: Compilation,
): Promise<Enclosure> => {
  const own = async (name: string): Promise<string> => {
    const folder = path.join(job.scratch, name);
    await mkdir(folder, {recursive: true});
    return folder;
  };
  const script = path.join(job.scratch, 'script');
  await writeFile(script, job.script);
  const cached = await wrapCompilers(base, job, inside, compilation);
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
