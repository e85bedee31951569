import {createHash} from 'node:crypto';
import {stat} from 'node:fs/promises';
import path from 'node:path';
import type {Json} from '../../model/canonical.ts';
import {cycloneDx} from '../../stages/package/evidence/cyclonedx.ts';
import {textsOf, type Evidence, type EvidenceArtifact} from '../../stages/package/evidence/evidence.ts';
import {provenance} from '../../stages/package/evidence/provenance.ts';
import {spdx} from '../../stages/package/evidence/spdx.ts';
import {digestOfFile, writeWhole} from '../files.ts';

/** What a build made, and how: the digests of its files are taken here. */
export type BuildToProve = Omit<Evidence, 'artifacts' | 'texts' | 'sha1'> & {
  /** The files that it made, in the folder; repositories hold copies of them. */
  files: readonly string[];
};

const DOCUMENTS: Readonly<Record<string, (evidence: Evidence) => Json>> = {
  'cdx.json': cycloneDx,
  'spdx.json': spdx,
  'intoto.json': provenance,
};

const artifactOf = async (folder: string, name: string): Promise<EvidenceArtifact> => {
  const file = path.join(folder, name);
  return {name, sha256: await digestOfFile(file), size: (await stat(file)).size};
};

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

/**
 * Writes a build's bills of materials (CycloneDX 1.6, SPDX 2.3) and its provenance (in-toto, SLSA v1) beside what it made:
 * `kernels-lab-6.1.cdx.json`, `.spdx.json`, `.intoto.json`. The same build gives the same bytes.
 * @returns the files' names
 * @throws Fault `cannot-write`
 */
export const writeEvidence = async (folder: string, {files, ...build}: BuildToProve): Promise<readonly string[]> => {
  const artifacts = await Promise.all([...files].sort().map(async (name) => artifactOf(folder, name)));
  const texts = textsOf(build.stages.map(({record}) => record));
  const evidence = {...build, artifacts, texts, sha1};
  return Promise.all(
    Object.entries(DOCUMENTS).map(async ([ending, document]) => {
      const name = `${build.build.replaceAll('/', '-')}.${ending}`;
      await writeWhole(path.join(folder, name), `${JSON.stringify(document(evidence), undefined, 2)}\n`, 0o644);
      return name;
    }),
  );
};

/** Whether a file is evidence, or stands beside packages as their source. */
export const isEvidence = (name: string): boolean => /\.(?:cdx|spdx|intoto)\.json$|-source\.tar$/.test(name);
