import type {Json} from '../../../model/canonical.ts';
import {evidenceName, timeText, type Evidence} from './evidence.ts';
import {packageOf, sourceUrl} from './purl.ts';
import {uuid5} from './uuid.ts';

type Element = {
  name: string;
  version?: string;
  sha256: string;
  url?: string;
  location?: string;
  licence: string;
  made: boolean;
};

const elementsOf = ({artifacts, sources, texts, licence}: Evidence): readonly Element[] => [
  ...artifacts.map(({name, sha256}) => {
    const one = packageOf(name);
    return {name, sha256, licence, made: true, ...(one ? {version: one.version, url: one.url} : {})};
  }),
  ...Object.values(sources).flatMap((source) =>
    source.files.map((file) => {
      const [url, [location]] = [sourceUrl(source), file.urls];
      return {
        name: file.name,
        version: source.version,
        sha256: file.sha256,
        licence,
        made: false,
        ...(url === undefined ? {} : {url}),
        ...(location === undefined ? {} : {location}),
      };
    }),
  ),
  ...texts.map(({path, sha256}) => ({name: path, sha256, licence: 'NOASSERTION', made: false})),
];

const packageFor = (one: Element, id: string): Json => ({
  SPDXID: id,
  name: one.name,
  ...(one.version === undefined ? {} : {versionInfo: one.version}),
  downloadLocation: one.location ?? 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: one.licence,
  copyrightText: 'NOASSERTION',
  checksums: [{algorithm: 'SHA256', checksumValue: one.sha256}],
  ...(one.url === undefined
    ? {}
    : {
        externalRefs: [{referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: one.url}],
      }),
});

const relation = (from: string, relationshipType: string, to: string): Json => ({
  spdxElementId: from,
  relationshipType,
  relatedSpdxElement: to,
});

const DOCUMENT = 'SPDXRef-DOCUMENT';

/** A build's bill of materials in SPDX 2.3 (ISO/IEC 5962): what came out, and what it was made from. */
export const spdx = (evidence: Evidence): Json => {
  const {build, version, sha1} = evidence;
  const elements = elementsOf(evidence).map((one, place) => ({one, id: `SPDXRef-${String(place + 1)}`}));
  const [made, from] = [elements.filter(({one}) => one.made), elements.filter(({one}) => !one.made)];
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: build,
    documentNamespace: `urn:uuid:${uuid5(evidenceName(evidence), sha1)}`,
    creationInfo: {created: timeText(evidence), creators: [`Tool: linerate-${version}`]},
    packages: elements.map(({one, id}) => packageFor(one, id)),
    relationships: [
      ...made.map(({id}) => relation(DOCUMENT, 'DESCRIBES', id)),
      ...made.flatMap(({id}) => from.map((source) => relation(id, 'GENERATED_FROM', source.id))),
    ],
  };
};
