import path from 'node:path';
import {buildNames, loadBuild, type Build, type BuildRequest} from '../catalogue/builds.ts';
import {contentRoot} from '../catalogue/content-root.ts';
import {openBuilders} from '../effects/builders/open-builders.ts';
import {fetchSource} from '../effects/sources/index.ts';
import {readLock} from '../effects/sources/lock-on-disk.ts';
import type {SourceProgress} from '../effects/sources/context.ts';
import {defaultStore, openStore} from '../effects/store/open-store.ts';
import type {Store} from '../effects/store/store.ts';
import type {SigningKey} from '../effects/signing/signer.ts';
import {Fault, Faults} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import {RELEASES} from '../stages/package/releases.ts';
import {answers} from '../stages/sources/relock.ts';
import type {Stage} from '../stages/stage.ts';
import {distccHosts} from './build-distcc.ts';
import {buildersFor} from './build-machines.ts';
import {copyArtifacts} from './build-artifacts.ts';
import {finishArtifacts} from './build-finish.ts';
import {buildTwice} from './build-prove.ts';
import {buildStages} from './build.ts';
import type {BuildOptions, BuildReport, BuildSources} from './build-types.ts';

export {buildNames, defaultStore};

export type TargetsOptions = Pick<
  BuildOptions,
  'signal' | 'processors' | 'parallel' | 'keepGoing' | 'debug' | 'onEvent'
> & {
  request: BuildRequest;
  /** The store's folder. */
  store: string;
  environment: Readonly<Record<string, string | undefined>>;
  offline: boolean;
  ccache: boolean;
  /** `NAME=[USER@]ADDRESS[:PORT]`: the machines that are builders. */
  machines: readonly string[];
  /** Machines that compile along: `HOST/CORES,...`. */
  distcc?: string;
  /** Where artifacts are copied to. */
  out?: string;
  /** What they are signed with there. */
  key?: SigningKey;
  /** Of linerate, for their provenance. */
  version: string;
  onWarning?: (sentence: string) => void;
  onProgress?: (progress: SourceProgress) => void;
};

const FORMATS = ['deb', 'rpm'] as const;

const wrongWord = (what: string, word: string, known: readonly string[]): Fault =>
  new Fault({
    code: 'build-options',
    owner: 'user',
    message: `there is no ${what} ${printable(word)}`,
    hint: `there are ${known.join(', ')}`,
  });

/**
 * What was asked for on a command line: `deb`, `rpm` or `none`, and names of releases.
 * @throws Fault or Faults `build-options`
 */
export const buildRequest = (
  formats: readonly string[],
  releases?: readonly string[],
  repositories = false,
): BuildRequest => {
  const known = Object.keys(RELEASES);
  const wrong = [
    ...formats
      .filter((word) => word !== 'none' && !FORMATS.some((format) => format === word))
      .map((word) => wrongWord('package format', word, [...FORMATS, 'none'])),
    ...(releases ?? []).filter((word) => !known.includes(word)).map((word) => wrongWord('release', word, known)),
  ];
  if (wrong.length > 0) throw new Faults(wrong);
  const targets = releases && Object.values(RELEASES).flatMap(({name}) => (releases.includes(name) ? [name] : []));
  return {
    formats: FORMATS.filter((format) => formats.includes(format)),
    repositories,
    ...(targets ? {releases: targets} : {}),
  };
};

/** Sources whose request was changed after it was pinned would be built from what nobody asks for any more. */
const checkLock = (locked: BuildSources['locked'], builds: readonly Pick<Build, 'sources'>[]): void => {
  const stale = builds.flatMap(({sources}) =>
    Object.entries(sources).flatMap(([name, asked]) => {
      const pinned = locked[name];
      return pinned && !answers(pinned, asked) ? [name] : [];
    }),
  );
  if (stale.length === 0) return;
  throw new Faults(
    stale.map(
      (name) =>
        new Fault({
          code: 'stale-lock',
          owner: 'user',
          message: `the source "${name}" is asked for in another way than when it was pinned`,
          hint: '`linerate lock --update` pins it anew',
          at: 'sources.lock.json',
        }),
    ),
  );
};

/** What lies in the store's folder beside its outputs. */
export const cacheOf = (store: Store): string => path.join(store.folder, 'cache');

/** Where sources come from, for a store: downloaded into it, once. */
export const sourcesFor = async (
  builds: readonly Pick<Build, 'sources'>[],
  store: Store,
  options: Pick<TargetsOptions, 'environment' | 'signal' | 'offline' | 'onProgress' | 'onWarning'>,
): Promise<BuildSources> => {
  const root = contentRoot();
  const locked = await readLock(root);
  checkLock(locked, builds);
  const {environment, signal, offline, onProgress, onWarning} = options;
  const context = {
    folder: root,
    environment,
    signal,
    offline,
    ...(onProgress ? {onProgress} : {}),
    ...(onWarning ? {onNote: onWarning} : {}),
  };
  return {locked, fetch: async (name, source) => fetchSource(name, source, store, context)};
};

/** The stages of several builds, those that they share once. */
const allStages = (builds: readonly Build[]): readonly Stage[] => [
  ...new Map(builds.flatMap(({stages}) => stages.map((stage) => [stage.name, stage]))).values(),
];

const loadAll = async (
  names: readonly string[],
  {request, onWarning}: Pick<TargetsOptions, 'request' | 'onWarning'>,
): Promise<readonly Build[]> => {
  const builds = await Promise.all(names.map(async (name) => loadBuild(name, request)));
  for (const {name, warning} of builds) if (warning !== undefined) onWarning?.(`${name}: ${warning}`);
  return builds;
};

/** Where what builds made lies; copied, signed and proved if that is wanted. */
const artifactsOf = async (
  builds: readonly Build[],
  report: BuildReport,
  locked: BuildSources['locked'],
  {out, ...options}: TargetsOptions,
): Promise<readonly string[]> => {
  const wanted = new Set(builds.flatMap(({artifacts}) => artifacts));
  const made = report.stages.flatMap((stage) =>
    wanted.has(stage.name) && (stage.state === 'found' || stage.state === 'built') ? [stage.stored.folder] : [],
  );
  if (out === undefined) return made;
  const copied = await copyArtifacts(made, out);
  return [
    ...copied,
    ...(await finishArtifacts(builds, report, {
      ...options,
      out,
      locked,
      names: copied.map((file) => path.basename(file)),
    })),
  ];
};

export type TargetsReport = {
  report: BuildReport;
  /** Where they are: in the store, or where they were copied to. */
  artifacts: readonly string[];
};

/**
 * Builds folders by their names, all of them checked before the first stage is run.
 * @throws Fault or Faults `unknown-build`, `source-unlocked`, `stale-lock`, `missing-tool` and what `buildStages` throws
 */
export const buildTargets = async (names: readonly string[], options: TargetsOptions): Promise<TargetsReport> => {
  const builds = await loadAll(names, options);
  const store = openStore(options.store);
  const {onWarning, ccache} = options;
  const helpers = options.distcc === undefined ? undefined : distccHosts(options.distcc);
  const sources = await sourcesFor(builds, store, options);
  const stages = allStages(builds);
  const report = await buildStages(stages, {
    ...(helpers ? {processors: helpers.processors} : {}),
    ...options,
    store,
    sources,
    builder: openBuilders({
      cache: cacheOf(store),
      ccache,
      ...(helpers ? {distcc: helpers.hosts} : {}),
      ...buildersFor(stages, options.machines, {store, sources, signal: options.signal}),
      ...(onWarning ? {onWarning} : {}),
    }),
    targets: builds.flatMap(({targets}) => targets),
  });
  return {report, artifacts: await artifactsOf(builds, report, sources.locked, options)};
};

/**
 * Builds folders twice and compares what they make, byte for byte; what is only proof on the way (a boot) is left out.
 * @throws Fault `not-reproducible`, and what `buildTargets` throws
 */
export const proveTargets = async (names: readonly string[], options: TargetsOptions): Promise<TargetsReport> => {
  const builds = await loadAll(names, options);
  const store = openStore(options.store);
  const sources = await sourcesFor(builds, store, options);
  let artifacts: readonly string[] = [];
  const stages = allStages(builds);
  const report = await buildTwice(stages, {
    ...options,
    store,
    sources,
    targets: builds.flatMap((build) => build.artifacts),
    cache: cacheOf(store),
    builders: buildersFor(stages, options.machines, {store, sources, signal: options.signal}),
    async onProved(first) {
      // Without a folder for them nothing of them stays: the proof's stores are removed.
      if (options.out !== undefined) artifacts = await artifactsOf(builds, first, sources.locked, options);
    },
  });
  return {report, artifacts};
};
