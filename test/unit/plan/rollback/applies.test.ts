import test from 'ava';
import {applyOf, chosenApply, rolledBackBy} from '../../../../engine/plan/rollback/applies.ts';
import type {Journal} from '../../../../engine/plan/run/history.ts';
import type {RunSpec} from '../../../../engine/plan/run/spec.ts';
import {runOf, sysctlChange} from '../../../support/guarded-runs.ts';
import {journalOf} from '../../../support/journals.ts';

const FIRST = '20261120T100000Z-aaaaaa';
const SECOND = '20261120T110000Z-bbbbbb';
const THIRD = '20261120T120000Z-cccccc';

const run = (id: string, state: string, more: Partial<RunSpec> = {}): Journal =>
  journalOf(runOf({id, changes: [sysctlChange('net/core/somaxconn', '1', '2')], ...more}), {state});

test('an apply is all of its runs', (t) => {
  t.is(applyOf(`${FIRST}-2`), FIRST);
  t.is(applyOf('by-hand-7'), 'by-hand-7');
  const apply = chosenApply([run(`${FIRST}-1`, 'confirmed'), run(`${FIRST}-2`, 'confirmed')], undefined);
  t.deepEqual(
    apply?.runs.map(({id}) => id),
    [`${FIRST}-1`, `${FIRST}-2`],
  );
});

test('without a name it is the last one that was confirmed and is no rollback', (t) => {
  const journals = [
    run(`${FIRST}-1`, 'confirmed'),
    run(`${SECOND}-1`, 'undone'),
    run(`${THIRD}-1`, 'confirmed', {rollback: {apply: FIRST, last: true}}),
  ];
  t.is(chosenApply(journals, undefined)?.id, FIRST);
  t.is(chosenApply(journals, `${THIRD}-1`)?.id, THIRD);
  t.is(chosenApply(journals, SECOND), undefined);
  t.throws(() => chosenApply(journals, 'nobody'), {message: 'the host keeps no run nobody'});
});

test('an apply is rolled back once the last run of a rollback is confirmed, files and all', (t) => {
  const apply = run(`${FIRST}-1`, 'confirmed');
  const back = (number: number, state: string, last: boolean): Journal =>
    run(`${SECOND}-${String(number)}`, state, {rollback: {apply: FIRST, last}});
  t.is(rolledBackBy([apply, back(1, 'confirmed', false)], FIRST), undefined);
  t.is(rolledBackBy([apply, back(1, 'confirmed', false), back(2, 'undone', true)], FIRST), undefined);
  t.is(rolledBackBy([apply, back(1, 'unpersisted', true)], FIRST), undefined);
  t.is(rolledBackBy([apply, back(1, 'confirmed', false), back(2, 'confirmed', true)], FIRST), SECOND);
});
