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
  'engine/stages': ['engine/model'],
  'engine/plan': ['engine/model', 'engine/facts', 'engine/resources', 'dataplane'],
  'engine/catalogue': ['engine/model', 'engine/facts', 'engine/resources', 'engine/plan', 'engine/stages', 'dataplane'],
  'engine/effects': [
    'engine/model',
    'engine/facts',
    'engine/inventory',
    'engine/resources',
    'engine/plan',
    'engine/stages',
  ],
  'engine/actions': [
    'engine/model',
    'engine/facts',
    'engine/inventory',
    'engine/resources',
    'engine/plan',
    'engine/stages',
    'engine/catalogue',
    'engine/effects',
    'dataplane',
  ],
  'engine/cli': [
    'engine/model',
    'engine/facts',
    'engine/inventory',
    'engine/plan',
    'engine/stages',
    'engine/actions',
    'dataplane',
  ],
  dataplane: ['engine/model'],
  kernels: ['engine/model', 'engine/stages'],
  recipes: ['engine/model', 'engine/facts', 'engine/plan', 'dataplane'],
};

const PURE = new Set([
  'engine/model',
  'engine/facts',
  'engine/inventory',
  'engine/resources',
  'engine/plan',
  'engine/stages',
  'dataplane',
  'recipes',
  'kernels',
]);

/** Names that reach for a clock, the environment or chance. `Date.UTC` and `new Date(value)` are arithmetic. */
const IMPURE =
  /\b(?:process\s*\.|Date\s*\.\s*now\b|new\s+Date\s*\(\s*\)|performance\s*\.|Math\s*\.\s*random\b|globalThis\b|setTimeout\b|setInterval\b|fetch\s*\(|crypto\s*\.|require\s*\()/;

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)['"]([^'"]+)['"]/g;

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');

const layerOf = (file: string): string | undefined =>
  Object.keys(ALLOWED).find((layer) => file.startsWith(`${layer}/`));

type Source = {file: string; layer: string; text: string; imports: readonly string[]};

const sources: readonly Source[] = ['engine', 'dataplane', 'kernels', 'recipes'].flatMap((folder) =>
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

/** Files that import one another in a circle, in the order of the imports; undefined where there is none. */
const circleIn = (imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined => {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...trail, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
};

test('no file imports itself by way of others, types included', (t) => {
  const imports = new Map(
    sources.map(({file, imports: names}) => [
      file,
      names.filter((name) => name.startsWith('.')).map((name) => path.posix.join(path.posix.dirname(file), name)),
    ]),
  );
  t.is(circleIn(imports)?.join(' -> '), undefined);
  imports.set('engine/model/shell.ts', ['engine/cli/main.ts']);
  t.regex(circleIn(imports)?.join(' -> ') ?? '', /engine\/model\/shell\.ts/, 'one that is there is found');
});

test('the pure layers import nothing of Node and reach for no clock, environment or chance', (t) => {
  const wrong = sources.flatMap((source) => {
    if (!PURE.has(source.layer)) return [];
    const imports = source.imports.filter((name) => name.startsWith('node:') || name === 'zx');
    const lines = source.text.split('\n').filter((line) => IMPURE.test(line));
    return [...imports, ...lines].map((text) => `${source.file}: ${text.trim()}`);
  });
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
