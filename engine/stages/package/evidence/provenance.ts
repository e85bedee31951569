import type {Json} from '../../../model/canonical.ts';
import type {LockedSource} from '../../sources/lock.ts';
import {evidenceName, type Evidence} from './evidence.ts';
import {sourceUrl} from './purl.ts';
import {uuid5} from './uuid.ts';

/** Says how `externalParameters` and `internalParameters` are to be read; it names, and need not answer. */
const BUILD_TYPE = 'urn:linerate:build:v1';

const dependencies = (name: string, source: LockedSource): readonly Json[] =>
  source.files.map((file) => {
    const uri = sourceUrl(source) ?? file.urls[0];
    return {
      name: `${name}: ${file.name}`,
      ...(uri === undefined ? {} : {uri}),
      digest: {sha256: file.sha256},
      ...(file.urls[0] === undefined ? {} : {downloadLocation: file.urls[0]}),
    };
  });

/** How a build came to what it made: an in-toto statement v1 with SLSA's provenance v1, from pinned sources and patches on. */
export const provenance = (evidence: Evidence): Json => {
  const {build, artifacts, sources, texts, stages, version, sha1} = evidence;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: artifacts.map(({name, sha256}) => ({name, digest: {sha256}})),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: {target: build},
        internalParameters: {
          stages: stages.map(({id, record: {name, builder, tools, inputs}}) => ({name, id, builder, tools, inputs})),
        },
        resolvedDependencies: [
          ...Object.entries(sources).flatMap(([name, source]) => dependencies(name, source)),
          ...texts.map(({path, sha256}) => ({name: path, digest: {sha256}})),
        ],
      },
      runDetails: {
        builder: {id: 'urn:linerate:builder', version: {linerate: version}},
        // When it ran is left out: the same build is to have the same provenance.
        metadata: {invocationId: `urn:uuid:${uuid5(evidenceName(evidence), sha1)}`},
      },
    },
  };
};
