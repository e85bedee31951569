import {createHash} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import type {Json} from '../../../../engine/model/canonical.ts';
import {cycloneDx} from '../../../../engine/stages/package/evidence/cyclonedx.ts';
import {textsOf, type Evidence} from '../../../../engine/stages/package/evidence/evidence.ts';
import {provenance} from '../../../../engine/stages/package/evidence/provenance.ts';
import {packageOf, sourceUrl} from '../../../../engine/stages/package/evidence/purl.ts';
import {spdx} from '../../../../engine/stages/package/evidence/spdx.ts';
import {uuid5} from '../../../../engine/stages/package/evidence/uuid.ts';
import {outputOf} from '../../../support/machines/command.ts';

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

const digest = (letter: string): string => letter.repeat(64);

const evidence: Evidence = {
  build: 'kernels/stand-in',
  summary: 'A stand-in.',
  licence: 'GPL-2.0-only WITH Linux-syscall-note',
  artifacts: [
    {name: 'linux-image-6.1-stand-in_6.1-1+deb12_amd64.deb', sha256: digest('a'), size: 1},
    {name: 'kernel-stand-in-6.1-1.el9.x86_64.rpm', sha256: digest('b'), size: 2},
    {name: 'linux-6.1-stand-in-source.tar', sha256: digest('c'), size: 3},
  ],
  sources: {
    'kernels/stand-in': {
      request: {from: 'debian-package', package: 'linux-source-6.1', release: 'bookworm'},
      version: '6.1.176-1',
      files: [
        {name: 'linux-source-6.1.deb', sha256: digest('d'), size: 4, urls: ['https://archive.example/pool/x.deb']},
      ],
    },
    'kernels/stand-in patches': {
      request: {from: 'folder', path: '../rt'},
      version: 'x',
      files: [{name: 'rt.tar', sha256: digest('e'), size: 5, urls: []}],
    },
  },
  texts: [{path: 'kernels/stand-in patch/patches/one.patch', sha256: digest('f')}],
  stages: [
    {
      id: digest('1'),
      record: {
        name: 'kernels/stand-in compile',
        inputs: {},
        script: digest('2'),
        files: {},
        environment: {},
        tools: {gcc: 'gcc 12'},
        builder: 'here',
        checks: [],
      },
    },
  ],
  version: '0.1.0',
  epoch: 1_735_689_600,
  sha1,
};

/** Every text that stands under a key, anywhere in a document. */
const textsUnder = (document: Json, key: string): readonly string[] => {
  if (Array.isArray(document)) return document.flatMap((one: Json) => textsUnder(one, key));
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([name, value]: [string, Json]) =>
    name === key
      ? typeof value === 'string'
        ? [value]
        : Array.isArray(value)
          ? value.filter((one) => typeof one === 'string')
          : textsUnder(value, key)
      : textsUnder(value, key),
  );
};

test("names become the UUIDs that Python's library makes of them", async (t) => {
  const names = [
    '',
    'kernels/lab-6.1',
    ...fc.sample(fc.string({unit: 'grapheme', maxLength: 30}), {numRuns: 40, seed: 3}),
  ];
  const script =
    'import json, sys, uuid\nprint(json.dumps([str(uuid.uuid5(uuid.NAMESPACE_URL, name)) for name in json.loads(sys.argv[1])]))';
  const said: unknown = JSON.parse(await outputOf('python3', '-c', script, JSON.stringify(names)));
  t.deepEqual(
    names.map((name) => uuid5(name, sha1)),
    said,
  );
});

test('the CycloneDX document has all of it once, and refers to nothing else', (t) => {
  const document = cycloneDx(evidence);
  const references = textsUnder(document, 'bom-ref');
  t.is(references.length, 7);
  t.is(new Set(references).size, references.length);
  for (const key of ['ref', 'dependsOn'])
    for (const one of textsUnder(document, key)) t.true(references.includes(one), one);
  t.deepEqual(textsUnder(document, 'content'), ['a', 'b', 'c', 'd', 'e', 'f'].map(digest));
  t.deepEqual(textsUnder(document, 'timestamp'), ['2025-01-01T00:00:00Z']);
});

test('the SPDX document has all of it once, and says what was made of what', (t) => {
  const document = spdx(evidence);
  const ids = textsUnder(document, 'SPDXID');
  t.is(new Set(ids).size, 7);
  for (const key of ['spdxElementId', 'relatedSpdxElement'])
    for (const one of textsUnder(document, key)) t.true(ids.includes(one), one);
  const relations = textsUnder(document, 'relationshipType');
  t.is(relations.filter((one) => one === 'DESCRIBES').length, 3);
  t.is(relations.filter((one) => one === 'GENERATED_FROM').length, 9);
  t.deepEqual(textsUnder(document, 'checksumValue'), ['a', 'b', 'c', 'd', 'e', 'f'].map(digest));
});

test('the provenance leads from sources and patches to packages', (t) => {
  const document = provenance(evidence);
  t.deepEqual(textsUnder(document, 'sha256'), ['a', 'b', 'c', 'd', 'e', 'f'].map(digest));
  t.deepEqual(textsUnder(document, 'gcc'), ['gcc 12']);
});

test('documents are the same for the same build, and another one for another', (t) => {
  const other = {...evidence, artifacts: evidence.artifacts.slice(1)};
  for (const [document, key] of [
    [cycloneDx, 'serialNumber'],
    [spdx, 'documentNamespace'],
    [provenance, 'invocationId'],
  ] as const) {
    t.deepEqual(document(evidence), document({...evidence}));
    t.notDeepEqual(textsUnder(document(evidence), key), textsUnder(document(other), key));
    t.regex(
      textsUnder(document(evidence), key)[0] ?? '',
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  }
});

test('packages and sources have package URLs', (t) => {
  t.deepEqual(
    evidence.artifacts.map(({name}) => packageOf(name)?.url),
    [
      'pkg:deb/linerate/linux-image-6.1-stand-in@6.1-1%2Bdeb12?arch=amd64',
      'pkg:rpm/linerate/kernel-stand-in@6.1-1.el9?arch=x86_64',
      undefined,
    ],
  );
  const of = (request: Parameters<typeof sourceUrl>[0]['request']): string | undefined =>
    sourceUrl({request, version: 'v1.2', files: []});
  t.is(of({from: 'github', repository: 'F-Stack/F-Stack', version: '^1'}), 'pkg:github/f-stack/f-stack@v1.2');
  t.is(
    of({from: 'debian-source', package: 'linux', release: 'bookworm'}),
    'pkg:deb/debian/linux@v1.2?arch=source&distro=bookworm',
  );
  t.is(
    of({from: 'url', url: 'https://a.example/b.tar.gz'}),
    'pkg:generic/b.tar.gz@v1.2?download_url=https:%2F%2Fa.example%2Fb.tar.gz',
  );
  t.is(of({from: 'folder', path: '.'}), undefined);
});

test("a stage's texts go into it by their names", (t) => {
  const records = evidence.stages.map(({record}) => ({...record, files: {'patches/one.patch': digest('f')}}));
  t.deepEqual(textsOf(records), [{path: 'kernels/stand-in compile/patches/one.patch', sha256: digest('f')}]);
});
