import {readdir} from 'node:fs/promises';
import path from 'node:path';
import type {Build} from '../catalogue/builds.ts';
import {writeEvidence} from '../effects/signing/evidence.ts';
import {signArtifacts, signEvidence} from '../effects/signing/repositories.ts';
import {withSigner, type Signer, type SigningKey} from '../effects/signing/signer.ts';
import type {BuildReport, BuildSources} from './build-types.ts';

export type FinishOptions = {
  /** Where artifacts were copied to. */
  out: string;
  /** Their names there. */
  names: readonly string[];
  locked: BuildSources['locked'];
  key?: SigningKey;
  /** Of linerate. */
  version: string;
  signal: AbortSignal;
};

/** The files that a build made; folders are repositories, which hold the same files again. */
const filesOf = async ({artifacts}: Build, {stages}: BuildReport): Promise<readonly string[]> => {
  const files = stages.map(async (stage) =>
    artifacts.includes(stage.name) && (stage.state === 'found' || stage.state === 'built')
      ? (await readdir(stage.stored.folder, {withFileTypes: true})).filter((entry) => entry.isFile())
      : [],
  );
  return (await Promise.all(files)).flat().map(({name}) => name);
};

const prove = async (build: Build, report: BuildReport, options: FinishOptions): Promise<readonly string[]> => {
  const files = await filesOf(build, report);
  if (!build.packaged || files.length === 0) return [];
  const {summary, licence, epoch} = build.packaged;
  const own = new Set(build.stages.map(({name}) => name));
  return writeEvidence(options.out, {
    build: build.name,
    summary,
    licence,
    epoch,
    files,
    sources: Object.fromEntries(
      Object.keys(build.sources).flatMap((name) => {
        const locked = options.locked[name];
        return locked ? [[name, locked] as const] : [];
      }),
    ),
    stages: report.planned.filter(({stage}) => own.has(stage.name)),
    version: options.version,
  });
};

const finish = async (
  builds: readonly Build[],
  report: BuildReport,
  options: FinishOptions,
  signer: Signer | undefined,
): Promise<readonly string[]> => {
  const {out, names} = options;
  const [epoch] = builds.flatMap(({packaged}) => packaged?.epoch ?? []);
  if (signer && epoch !== undefined) await signArtifacts(signer, out, names, epoch);
  // After the signatures, which are part of an RPM: what is told is what is given away.
  const documents: string[] = [];
  for (const build of builds) documents.push(...(await prove(build, report, options)));
  if (signer) await signEvidence(signer, out, [...names, ...documents]);
  return documents.map((name) => path.join(out, name));
};

/**
 * Signs what was copied where a key is given, and lays bills of materials and provenance beside it; answers with where
 * those are.
 * @throws Fault `signing-key`, `tool-failed`, `missing-tool`, `cannot-write`
 */
export const finishArtifacts = async (
  builds: readonly Build[],
  report: BuildReport,
  options: FinishOptions,
): Promise<readonly string[]> => {
  if (!options.key) return finish(builds, report, options, undefined);
  return withSigner(options.key, options.signal, async (signer) => finish(builds, report, options, signer));
};
