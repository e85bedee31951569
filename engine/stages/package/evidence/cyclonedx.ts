import type {Json} from '../../../model/canonical.ts';
import type {LockedSource} from '../../sources/lock.ts';
import {evidenceName, timeText, type Evidence, type EvidenceArtifact, type EvidenceText} from './evidence.ts';
import {packageOf, sourceUrl} from './purl.ts';
import {uuid5} from './uuid.ts';

const hashes = (sha256: string): Json => [{alg: 'SHA-256', content: sha256}];

const reference = (kind: string, name: string): string => `${kind}:${name}`;

const artifactComponent = (licence: string, {name, sha256}: EvidenceArtifact): Json => {
  const made = packageOf(name);
  return {
    type: made ? 'application' : 'file',
    'bom-ref': reference('artifact', name),
    name: made?.name ?? name,
    ...(made ? {version: made.version, purl: made.url} : {}),
    hashes: hashes(sha256),
    licenses: [{expression: licence}],
  };
};

const sourceComponents = (name: string, source: LockedSource): readonly Json[] =>
  source.files.map((file) => {
    const url = sourceUrl(source);
    return {
      type: 'file',
      'bom-ref': reference('source', `${name}/${file.name}`),
      name: file.name,
      version: source.version,
      hashes: hashes(file.sha256),
      ...(url === undefined ? {} : {purl: url}),
      externalReferences: file.urls.map((place) => ({type: 'distribution', url: place})),
    };
  });

const textComponent = ({path, sha256}: EvidenceText): Json => ({
  type: 'file',
  'bom-ref': reference('text', path),
  name: path,
  hashes: hashes(sha256),
});

const references = (components: readonly Json[]): readonly Json[] =>
  components.flatMap((one) => (typeof one === 'object' && one !== null && 'bom-ref' in one ? [one['bom-ref']] : []));

/** A build's bill of materials in CycloneDX 1.6 (ECMA-424): what came out, and what it was made from. */
export const cycloneDx = (evidence: Evidence): Json => {
  const {build, artifacts, sources, texts, licence, version, sha1} = evidence;
  const made = artifacts.map((artifact) => artifactComponent(licence, artifact));
  const from = [
    ...Object.entries(sources).flatMap(([name, source]) => sourceComponents(name, source)),
    ...texts.map(textComponent),
  ];
  const whole = reference('build', build);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid5(evidenceName(evidence), sha1)}`,
    version: 1,
    metadata: {
      timestamp: timeText(evidence),
      tools: {components: [{type: 'application', name: 'linerate', version}]},
      component: {type: 'operating-system', 'bom-ref': whole, name: build, description: evidence.summary},
    },
    components: [...made, ...from],
    dependencies: [
      {ref: whole, dependsOn: references(made)},
      ...references(made).map((ref) => ({ref, dependsOn: references(from)})),
      ...references(from).map((ref) => ({ref})),
    ],
  };
};
