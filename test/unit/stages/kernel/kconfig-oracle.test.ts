import {spawnSync} from 'node:child_process';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {requestedOptions} from '../../../../engine/stages/kernel/kconfig/configuration.ts';
import {droppedOptions} from '../../../../engine/stages/kernel/kconfig/dropped.ts';
import {evaluate} from '../../../../engine/stages/kernel/kconfig/expression.ts';
import {readSymbols} from '../../../../engine/stages/kernel/kconfig/symbols.ts';
import {kconfigCase, type KconfigCase} from '../../../support/kconfig-trees.ts';

type Answer = Readonly<Record<string, {value: string; visibility: number; asked: boolean}>>;

const ORACLE = path.resolve(import.meta.dirname, '../../../support/kconfig-oracle.py');

/** Kconfiglib is of another author, and older than ours: what it says is what we are held to. */
const kconfiglib = (cases: readonly KconfigCase[]): readonly Answer[] => {
  const env = {PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1'};
  const {status, stdout, stderr} = spawnSync('/usr/bin/python3', [ORACLE], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(`kconfiglib (package python3-kconfiglib) did not answer: ${stderr}`);
  return JSON.parse(stdout) as readonly Answer[];
};

const RANKS: Readonly<Record<string, number>> = {n: 0, m: 1, y: 2};

const rank = (value: string): number => RANKS[value] ?? 0;

/** What our reader says of a case whose outcome the oracle told: each symbol's visibility, and what was dropped. */
const ours = ({files, config}: KconfigCase, answer: Answer) => {
  const symbols = readSymbols((file) => files[file], {});
  const configuration = new Map(Object.entries(answer).map(([name, {value}]) => [name, value]));
  const holds = (name: string): string => configuration.get(name) ?? 'n';
  const requested = requestedOptions([{path: 'a.config', text: config}]);
  const visibility = (name: string): number => {
    const {definitions = [], type} = symbols.get(name) ?? {};
    const found = Math.max(0, ...definitions.map(({prompt}) => (prompt ? evaluate(prompt.when, holds) : 0)));
    return found === 1 && type === 'bool' ? 2 : found;
  };
  return {symbols, requested, visibility, dropped: droppedOptions(requested, configuration, symbols)};
};

test('what can be asked for, what was dropped, and whether a dependency is why: as kconfiglib has it', (t) => {
  let dropped = 0;
  fc.assert(
    fc.property(fc.array(kconfigCase, {minLength: 100, maxLength: 100}), (cases) => {
      for (const [index, answer] of kconfiglib(cases).entries()) {
        const one = cases[index] ?? {files: {}, config: ''};
        const found = ours(one, answer);
        for (const [name, {visibility, asked}] of Object.entries(answer))
          if (asked && name !== 'ONE' && name !== 'TWO')
            t.is(found.visibility(name), visibility, `${name} in ${JSON.stringify(one)}`);
        const names = [...found.requested]
          .filter(([name, {value}]) => answer[name]?.value !== value)
          .map(([name]) => name);
        t.deepEqual(
          found.dropped.map(({name}) => name),
          names,
        );
        for (const {name, want, found: held, why} of found.dropped) {
          const {visibility = 0, asked = false} = answer[name] ?? {};
          const lacks = asked && rank(held) < rank(want) && visibility < rank(want);
          t.is(why.startsWith('depends on '), lacks, `${name}=${want} is ${held}: ${why} in ${JSON.stringify(one)}`);
        }
        dropped += found.dropped.length;
      }
    }),
    {numRuns: 3, endOnFailure: true},
  );
  t.true(dropped > 100, `only ${String(dropped)} options were dropped in 300 cases`);
});
