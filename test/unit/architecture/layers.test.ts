import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** What each layer may import, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'engine/model': [],
  'engine/facts': ['engine/model'],
  'engine/inventory': ['engine/model', 'engine/facts'],
  'engine/resources': ['engine/model', 'engine/facts'],
  'engine/plan': ['engine/model', 'engine/facts', 'engine/resources', 'dataplane'],
  'engine/catalogue': ['engine/model', 'engine/facts', 'engine/resources', 'engine/plan', 'dataplane'],
  'engine/effects': ['engine/model', 'engine/facts', 'engine/inventory', 'engine/resources', 'engine/plan'],
  'engine/actions': [
    'engine/model',
    'engine/facts',
    'engine/inventory',
    'engine/resources',
    'engine/plan',
    'engine/catalogue',
    'engine/effects',
    'dataplane',
  ],
  'engine/cli': ['engine/model', 'engine/facts', 'engine/inventory', 'engine/plan', 'engine/actions', 'dataplane'],
  dataplane: ['engine/model'],
};

const PURE = new Set([
  'engine/model',
  'engine/facts',
  'engine/inventory',
  'engine/resources',
  'engine/plan',
  'dataplane',
]);

/** Names that reach for a clock, the environment or chance. `Date.UTC` and `new Date(value)` are arithmetic. */
const IMPURE =
  /\b(?:process\s*\.|Date\s*\.\s*now\b|new\s+Date\s*\(\s*\)|performance\s*\.|Math\s*\.\s*random\b|globalThis\b|setTimeout\b|setInterval\b|fetch\s*\(|crypto\s*\.|require\s*\()/;

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)['"]([^'"]+)['"]/g;

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');

const layerOf = (file: string): string | undefined =>
  Object.keys(ALLOWED).find((layer) => file.startsWith(`${layer}/`));

type Source = {file: string; layer: string; text: string; imports: readonly string[]};

const sources: readonly Source[] = ['engine', 'dataplane'].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const file = path.posix.join(folder, name);
      const text = withoutComments(readFileSync(path.join(ROOT, file), 'utf8'));
      return {
        file,
        layer: layerOf(file) ?? '',
        text,
        imports: [...text.matchAll(IMPORT)].map((match) => match[1] ?? ''),
      };
    }),
);

test('every source file lies in a layer', (t) => {
  t.deepEqual(
    sources.filter((source) => source.layer === '').map((source) => source.file),
    [],
  );
  t.true(sources.length > 20);
});

test('arrows point downwards only', (t) => {
  const wrong = sources.flatMap((source) =>
    source.imports
      .filter((name) => name.startsWith('.'))
      .map((name) => path.posix.join(path.posix.dirname(source.file), name))
      .filter((target) => {
        const layer = layerOf(target);
        return layer === undefined || (layer !== source.layer && !ALLOWED[source.layer]?.includes(layer));
      })
      .map((target) => `${source.file} -> ${target}`),
  );
  t.deepEqual(wrong, []);
});

test('the pure layers import nothing of Node and reach for no clock, environment or chance', (t) => {
  const wrong = sources
    .filter((source) => PURE.has(source.layer))
    .flatMap((source) => [
      ...source.imports
        .filter((name) => name.startsWith('node:') || name === 'zx')
        .map((name) => `${source.file}: ${name}`),
      ...source.text
        .split('\n')
        .filter((line) => IMPURE.test(line))
        .map((line) => `${source.file}: ${line.trim()}`),
    ]);
  t.deepEqual(wrong, []);
});

test('only the effects start programs, and nothing uses a name that says nothing', (t) => {
  const starting = sources
    .filter(
      (source) => source.layer !== 'engine/effects' && source.imports.some((name) => /child_process|^zx/.test(name)),
    )
    .map((source) => source.file);
  t.deepEqual(starting, []);
  const vague = sources.filter((source) =>
    /(?:manager|helper|util|data|process|handle)s?\b/i.test(path.basename(source.file)),
  );
  t.deepEqual(
    vague.map((source) => source.file),
    [],
  );
});
