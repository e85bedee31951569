import test from 'ava';
import type {Frames} from '../../../../engine/facts/frames.ts';
import type {Change} from '../../../../engine/model/change.ts';
import {type Apply, applyOf} from '../../../../engine/plan/rollback/applies.ts';
import {filesBack} from '../../../../engine/plan/rollback/files.ts';
import {fileChange, runOf} from '../../../support/guarded-runs.ts';
import {journalOf, NO_FRAMES} from '../../../support/journals.ts';

const ID = '20261120T100000Z-aaaaaa-1';
const KEPT = `/var/lib/linerate/runs/${ID}/before`;
const [OLD, WROTE, OTHER] = ['file 0ld 640 0 5', 'file n3w 644 0 0', 'file 0ther 644 0 0'];

const command: Change = {
  ...fileChange('', ''),
  id: 'command systemctl enable',
  steps: [{do: 'run', argv: ['systemctl', 'enable', 'x.service']}],
  undo: [{do: 'run', argv: ['systemctl', 'disable', 'x.service']}],
};

const applyWith = (state: string): Apply => {
  const lasting = [fileChange('/etc/new/made.conf', 'a'), fileChange('/etc/there.conf', 'b'), command];
  const journal = journalOf(runOf({id: ID, lasting}), {
    state,
    wrote: `0 ${WROTE}\n1 ${WROTE}\n`,
    'before/made': '/etc/new\n/run/new\n',
  });
  return {id: applyOf(ID), runs: [journal]};
};

/** What the host says of the two files, and of what the journal kept of them. */
const said = (made: string, there: string, kept = OLD): Frames => ({
  ...NO_FRAMES,
  runs: new Map(
    [
      ['now /etc/new/made.conf', made],
      ['now /etc/there.conf', there],
      [`kept ${KEPT}/0`, 'absent'],
      [`kept ${KEPT}/1`, kept],
    ].map(([name = '', output = '']) => [name, {status: 0, output}]),
  ),
});

test('units first, then files in reverse, then the folders that the run made', (t) => {
  const {changes, conflicts, blocks} = filesBack(said(WROTE, WROTE), applyWith('confirmed'));
  t.deepEqual([conflicts, blocks], [[], []]);
  t.deepEqual(
    changes.flatMap(({steps}) => steps),
    [
      {do: 'run', argv: ['systemctl', 'disable', 'x.service']},
      {do: 'return', path: '/etc/there.conf', from: `${KEPT}/1`},
      {do: 'remove', path: '/etc/new/made.conf'},
      {do: 'run', argv: ['rmdir', '--ignore-fail-on-non-empty', '--', '/etc/new'], optional: true},
    ],
  );
  t.deepEqual(changes[0]?.undo, [{do: 'run', argv: ['systemctl', 'enable', 'x.service']}]);
});

test('a file that is as before already is left alone', (t) => {
  const {changes, conflicts} = filesBack(said('absent', WROTE), applyWith('confirmed'));
  t.deepEqual(conflicts, []);
  t.false(changes.some(({id}) => id === 'file /etc/new/made.conf'));
});

test('a file that is neither as before nor as the run left it is a conflict with all three told', (t) => {
  t.deepEqual(filesBack(said(WROTE, OTHER), applyWith('confirmed')).conflicts, [
    {id: 'file /etc/there.conf', before: OLD, after: WROTE, found: OTHER},
  ]);
});

test('a file that the journal no longer keeps stays, and it is said', (t) => {
  const {changes, blocks} = filesBack(said(WROTE, WROTE, 'other'), applyWith('confirmed'));
  t.deepEqual(
    blocks.map(({id}) => id),
    ['file /etc/there.conf'],
  );
  t.false(changes.some(({id}) => id === 'file /etc/there.conf'));
});

test('the files of a run that the host itself took back are none to return', (t) => {
  t.deepEqual(filesBack(said('absent', OLD), applyWith('unpersisted')).changes, []);
});

test('a file that two runs of an apply wrote goes back to what it was before the first', (t) => {
  const id = (run: number): string => `20261120T100000Z-aaaaaa-${String(run)}`;
  const kept = (run: number): string => `/var/lib/linerate/runs/${id(run)}/before/0`;
  const lasting = [fileChange('/etc/there.conf', 'b')];
  const first = 'file f1rst 644 0 0';
  const runs = [first, WROTE].map((wrote, place) =>
    journalOf(runOf({id: id(place + 1), lasting}), {state: 'confirmed', wrote: `0 ${wrote}\n`}),
  );
  const back = (now: string, between = first) =>
    filesBack(
      {
        ...NO_FRAMES,
        runs: new Map(
          [
            ['now /etc/there.conf', now],
            [`kept ${kept(1)}`, OLD],
            [`kept ${kept(2)}`, between],
          ].map(([name = '', output = '']) => [name, {status: 0, output}]),
        ),
      },
      {id: applyOf(ID), runs},
    );
  t.deepEqual(back(WROTE).conflicts, []);
  t.deepEqual(
    back(WROTE).changes.flatMap(({steps}) => steps),
    [2, 1].map((run) => ({do: 'return', path: '/etc/there.conf', from: kept(run)})),
  );
  t.is(back(OTHER).conflicts.length, 1, 'somebody else has written it since');
  t.is(back(WROTE, OTHER).conflicts.length, 1, 'or between the two');
});
