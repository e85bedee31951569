import test from 'ava';
import {foldHostNames} from '../../../engine/plan/host-names.ts';

const CASES: readonly (readonly [readonly string[], string])[] = [
  [['web2', 'web1', 'web10', 'web3'], 'web[1:3], web10'],
  [['db1'], 'db1'],
  [['a1', 'a2'], 'a1, a2'],
  [['web01.x', 'web02.x', 'web03.x', 'db'], 'db, web[01:03].x'],
  [['n9', 'n10', 'n11'], 'n[9:11]'],
  [['n09', 'n10', 'n11'], 'n[09:11]'],
  [['n099', 'n100', 'n9'], 'n9, n099, n100'],
  [['localhost'], 'localhost'],
  [[], ''],
];

for (const [names, text] of CASES)
  test(`${names.join(' ')} folds to "${text}"`, (t) => {
    t.is(foldHostNames(names), text);
  });
