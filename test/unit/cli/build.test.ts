import test from 'ava';
import type {BuildEvent, BuildReport} from '../../../engine/actions/build-types.ts';
import {plainProgress} from '../../../engine/cli/build-plain.ts';
import type {Output} from '../../../engine/cli/output.ts';
import {buildJson, buildSummary, duration} from '../../../engine/cli/render/build.ts';
import {size, storeTable} from '../../../engine/cli/render/store.ts';
import {Fault} from '../../../engine/model/fault.ts';

const listener = (): {output: Output; said: string[]} => {
  const said: string[] = [];
  const output: Output = {
    out: () => undefined,
    err: (text) => said.push(text),
    paint: (_, text) => text,
    paintError: (_, text) => text,
    columns: 0,
    interactive: false,
  };
  return {output, said};
};

const record = {name: 'a', inputs: {}, script: '', files: {}, environment: {}, tools: {}, builder: 'here', checks: []};
const stored = {id: 'f'.repeat(64), folder: '/store/out', record, log: '/store/log', tookMs: 65_000};
const fault = new Fault({code: 'stage-failed', owner: 'tool', message: 'the stage "c" ended with status 1'});

const EVENTS: readonly BuildEvent[] = [
  {event: 'planned', stage: 'a', id: '1', found: true, why: []},
  {event: 'planned', stage: 'b', id: '2', found: false, why: ['gcc was 12, is 13', 'file x']},
  {event: 'source', source: 'kernels/b'},
  {event: 'waiting', stage: 'b'},
  {event: 'started', stage: 'b'},
  {event: 'line', stage: 'b', line: '  CC  one.o'},
  {event: 'built', stage: 'b', stored},
  {event: 'started', stage: 'c'},
  ...Array.from(
    {length: 30},
    (_, line) => ({event: 'line', stage: 'c', line: `line ${String(line)}\u001b[31m`}) as const,
  ),
  {event: 'failed', stage: 'c', faults: [fault]},
  {event: 'skipped', stage: 'd', needs: 'c'},
  {event: 'skipped', stage: 'e'},
];

test('plain progress tells what happens, and the last lines of what failed', async (t) => {
  const {output, said} = listener();
  const {onEvent, stop} = plainProgress({why: true, parallel: 1, output});
  for (const event of EVENTS) onEvent(event);
  await stop();
  const lines = said.join('').split('\n');
  t.deepEqual(lines.slice(0, 8), [
    'a: nothing has changed',
    'b: is made anew: gcc was 12, is 13; file x',
    'fetching kernels/b',
    'b: somebody else builds it just now; waiting',
    'b: started',
    'b: built in 1:05',
    'c: started',
    '--- the last lines of c:',
  ]);
  t.is(lines.filter((line) => line.startsWith('  line ')).length, 20);
  t.false(said.join('').includes('\u001b'));
  t.deepEqual(lines.slice(-4), ['c: failed', 'd: not tried, since it needs c', 'e: not tried', '']);
});

test('without --why nothing is said of what was found', async (t) => {
  const {output, said} = listener();
  const {onEvent, stop} = plainProgress({why: false, parallel: 1, output});
  for (const event of EVENTS.slice(0, 2)) onEvent(event);
  await stop();
  t.deepEqual(said, []);
});

const REPORT: BuildReport = {
  planned: [],
  stages: [
    {name: 'a', id: '1', why: [], state: 'found', stored},
    {name: 'b', id: '2', why: ['its script'], state: 'built', stored},
    {name: 'c', id: '3', why: [], state: 'failed', faults: [fault]},
    {name: 'd', id: '4', why: [], state: 'skipped'},
    {name: 'e', id: '5', why: [], state: 'unneeded'},
  ],
};

test('a build is summed up, for people and for programs', (t) => {
  const {output} = listener();
  t.is(buildSummary(REPORT, 3_725_000, output), 'stages: 1 built, 1 found, 1 failed, 1 not tried, in 1:02:05\n');
  const parsed = JSON.parse(buildJson(REPORT, ['/out/a.deb'])) as {
    stages: Record<string, unknown>[];
    artifacts: string[];
  };
  t.deepEqual(parsed.artifacts, ['/out/a.deb']);
  t.deepEqual(parsed.stages[1], {
    name: 'b',
    id: '2',
    state: 'built',
    why: ['its script'],
    folder: '/store/out',
    tookMs: 65_000,
  });
  t.deepEqual(parsed.stages[2]?.['faults'], [{code: 'stage-failed', message: 'the stage "c" ended with status 1'}]);
});

test('times and sizes read well', (t) => {
  t.deepEqual([0, 59_499, 59_500, 3_600_000].map(duration), ['0:00', '0:59', '1:00', '1:00:00']);
  t.deepEqual([0, 1023, 1024, 1536 * 1024 ** 2].map(size), ['0 B', '1023 B', '1.0 KiB', '1.5 GiB']);
});

test('a store is a table', (t) => {
  const row = {name: 'kernels/a compile', id: '0123456789abcdef', folder: '/x', bytes: 2048, usedMs: 0};
  t.is(
    storeTable([row, {...row, name: 'b', usedMs: 3 * 86_400_000}], 3 * 86_400_000 + 1),
    [
      'kernels/a compile  0123456789ab  2.0 KiB  used 3 d ago\n',
      'b                  0123456789ab  2.0 KiB  used today\n',
    ].join(''),
  );
});
