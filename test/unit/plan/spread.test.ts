import test from 'ava';
import type {CpuThread} from '../../../engine/facts/cpu.ts';
import {spreadText} from '../../../engine/plan/spread.ts';

/** Two sockets of four cores with two threads: CPU n and n+8 are siblings, nodes by socket. */
const threads: readonly CpuThread[] = Array.from({length: 16}, (_, cpu) => ({
  cpu,
  online: true,
  socket: Math.floor((cpu % 8) / 4),
  die: 0,
  core: cpu % 4,
  siblings: [cpu % 8, (cpu % 8) + 8],
  node: Math.floor((cpu % 8) / 4),
  lastLevelCache: [],
}));

const CASES: readonly (readonly [readonly (readonly number[])[], string])[] = [
  [[[0], [0], [0]], 'all on CPU 0'],
  [
    [
      [0, 1, 2],
      [0, 1, 2],
    ],
    'all on CPUs 0-2',
  ],
  [[[4], [5], [6], [7]], 'one per core on node 1 (CPUs 4-7)'],
  [[[4], [12]], 'one per CPU on node 1 (CPUs 4,12)'],
  [[[0], [4]], 'one per core (CPUs 0,4)'],
  [[[0], [1], [0], [1]], '2 per CPU on node 0 (CPUs 0-1)'],
  [[[0], [1], [0]], '1 to 2 per CPU on node 0 (CPUs 0-1)'],
  [[[], []], 'off'],
  [[[3]], 'CPU 3'],
  [
    [
      [0, 1],
      [2, 3],
    ],
    'shared out evenly over CPUs 0-3',
  ],
  [[[0, 1, 2, 3], [3]], 'unevenly over CPUs 0-3'],
  [[[], [1]], 'unevenly over CPU 1'],
];

for (const [sets, text] of CASES)
  test(`${JSON.stringify(sets)} is "${text}"`, (t) => {
    t.is(spreadText(sets, {threads}), text);
  });

test('without topology nothing is said of cores and nodes', (t) => {
  t.is(spreadText([[4], [12]]), 'one per CPU (CPUs 4,12)');
});
