import {createHash} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {inBuildOrder} from '../../../engine/stages/graph.ts';
import {planStages, sourceDigest, type Known} from '../../../engine/stages/planned.ts';
import type {Hash, Stage} from '../../../engine/stages/stage.ts';
import {whyAnew} from '../../../engine/stages/why.ts';

const hash: Hash = (text) => createHash('sha256').update(text).digest('hex');

const KNOWN: Known = {
  sources: {kernel: 'a'.repeat(64)},
  builders: {here: {identity: 'here 1', versions: {gcc: 'gcc 12', make: 'make 4'}}},
};

const text = fc.string({maxLength: 8});

const inputsOf = (numbers: readonly number[]): Stage['inputs'] =>
  Object.fromEntries(numbers.map((number) => [`of ${String(number)}`, {stage: `stage ${String(number)}`}]));

/** Stages that are made from some of those before them. */
const graph: fc.Arbitrary<readonly Stage[]> = fc
  .array(
    fc.record({
      script: text,
      files: fc.dictionary(text, text, {maxKeys: 2}),
      environment: fc.dictionary(text, text, {maxKeys: 2}),
      tools: fc.subarray(['gcc', 'make']),
      from: fc.array(fc.nat(20), {maxLength: 3}),
    }),
    {minLength: 1, maxLength: 7},
  )
  .map((stages) =>
    stages.map(({from, ...stage}, index) => ({
      ...stage,
      name: `stage ${String(index)}`,
      builder: 'here',
      inputs: index === 0 ? {source: {source: 'kernel'}} : inputsOf(from.map((number) => number % index)),
    })),
  );

const ids = (stages: readonly Stage[], known: Known = KNOWN): Readonly<Record<string, string>> =>
  Object.fromEntries(
    planStages(
      inBuildOrder(
        stages,
        stages.map(({name}) => name),
      ),
      known,
      hash,
    ).map(({stage, id}) => [stage.name, id]),
  );

/** The stages that are made from one, by way of others too, found without the graph's own code. */
const dependents = (stages: readonly Stage[], name: string): ReadonlySet<string> => {
  const found = new Set([name]);
  for (let more = true; more;) {
    more = false;
    for (const stage of stages)
      if (
        !found.has(stage.name) &&
        Object.values(stage.inputs).some((input) => 'stage' in input && found.has(input.stage))
      ) {
        found.add(stage.name);
        more = true;
      }
  }
  return found;
};

const CHANGES: Readonly<Record<string, (stage: Stage) => Stage>> = {
  script: (stage) => ({...stage, script: `${stage.script}#`}),
  file: (stage) => ({...stage, files: {...stage.files, 'another file': ''}}),
  variable: (stage) => ({...stage, environment: {...stage.environment, 'another variable': ''}}),
  check: (stage) => ({...stage, checks: [...(stage.checks ?? []), {check: 'x', options: 1}]}),
};

test('the order in which stages are given changes no id', (t) => {
  fc.assert(
    fc.property(
      graph.chain((stages) =>
        fc.tuple(fc.constant(stages), fc.shuffledSubarray([...stages], {minLength: stages.length})),
      ),
      ([stages, shuffled]) => {
        t.deepEqual(ids(shuffled), ids(stages));
      },
    ),
  );
});

for (const [what, change] of Object.entries(CHANGES))
  test(`another ${what} gives a stage and all that is made from it another id, and nothing else`, (t) => {
    fc.assert(
      fc.property(graph, fc.nat(), (stages, number) => {
        const {name} = stages[number % stages.length] ?? {name: ''};
        const [before, after] = [
          ids(stages),
          ids(stages.map((stage) => (stage.name === name ? change(stage) : stage))),
        ];
        const changed = stages.map((stage) => stage.name).filter((one) => before[one] !== after[one]);
        t.deepEqual(new Set(changed), dependents(stages, name));
      }),
    );
  });

test('another version of a program, builder or source gives those that use it another id', (t) => {
  const here = {identity: 'here 1', versions: {gcc: 'gcc 13', make: 'make 4'}};
  fc.assert(
    fc.property(graph, (stages) => {
      const before = ids(stages);
      const after = ids(stages, {...KNOWN, builders: {here}});
      for (const stage of stages)
        t.is(
          before[stage.name] !== after[stage.name],
          stages.some((one) => one.tools.includes('gcc') && dependents(stages, one.name).has(stage.name)),
        );
      const elsewhere = ids(stages, {...KNOWN, builders: {here: {...here, identity: 'here 2'}}});
      t.false(Object.values(elsewhere).some((id) => Object.values(after).includes(id)));
    }),
  );
});

test('a source is known by its files, not by where they came from', (t) => {
  const file = {name: 'a', sha256: 'b'.repeat(64), size: 1, urls: ['https://one.example/a']};
  const before = sourceDigest({files: [file]}, hash);
  t.is(sourceDigest({files: [{...file, urls: []}]}, hash), before);
  t.not(sourceDigest({files: [{...file, name: 'c'}]}, hash), before);
  t.not(sourceDigest({files: [{...file, sha256: 'c'.repeat(64)}]}, hash), before);
});

test('why a stage is made anew names what changed, and only that', (t) => {
  const stage = (more: Partial<Stage> = {}): Stage => ({
    name: 'a',
    script: 'x',
    inputs: {source: {source: 'kernel'}},
    tools: ['gcc'],
    builder: 'here',
    ...more,
  });
  const record = (more: Partial<Stage> = {}, known: Known = KNOWN) => {
    const [planned] = planStages([stage(more)], known, hash);
    if (!planned) throw new Error('nothing was planned');
    return planned.record;
  };
  t.deepEqual(whyAnew(undefined, record()), ['it was never made here']);
  t.deepEqual(whyAnew(record(), record()), []);
  t.deepEqual(whyAnew(record(), record({script: 'y', files: {f: ''}, environment: {V: '1'}})), [
    'file f',
    'its script',
    'variable V',
  ]);
  t.deepEqual(whyAnew(record(), record({tools: ['make']})), ['no longer uses gcc', 'uses make now']);
  t.deepEqual(
    whyAnew(
      record(),
      record({}, {sources: {kernel: 'b'}, builders: {here: {identity: 'other', versions: {gcc: 'gcc 13'}}}}),
    ),
    ['input source', 'gcc was gcc 12, is gcc 13', 'the builder'],
  );
});
