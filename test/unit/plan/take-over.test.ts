import test from 'ava';
import {takeOverChanges} from '../../../engine/plan/lasting/take-over-changes.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {ServiceState} from '../../../engine/facts/services.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {exampleFacts} from '../../support/facts.ts';
import {TEMPLATES} from '../../support/lasting.ts';
import {exampleSheets} from '../../support/sheets.ts';

const SHEETS = exampleSheets({workload: [{set: 'sysctl vm.swappiness', to: '10'}]});

const served = (state: Omit<ServiceState, 'name'>): Facts => {
  const facts = exampleFacts();
  return {...facts, services: {...facts.services, services: [{name: 'tuned', ...state}]}};
};

const planned = (facts: Facts, takeOver: readonly string[] = ['tuned']): Plan =>
  planHost(
    'h',
    facts,
    SHEETS,
    parsePlanVariables({linerate_take_over: takeOver}, () => 'group_vars/all.yml:3'),
  );

test('TuneD is asked to be stopped only where it may be taken over from, and is there', (t) => {
  const running = served({active: true, enabled: true});
  const setting = planned(running).settings.find(({id}) => id === 'service tuned');
  t.like(setting, {want: 'stopped', pending: ['live', 'boot'], effect: 'restart', undo: 'exact'});
  t.is(setting?.from.at, 'group_vars/all.yml:3 linerate_take_over');
  t.false(planned(running, []).settings.some(({id}) => id === 'service tuned'));
  t.false(planned(running, ['thermald']).settings.some(({id}) => id === 'service tuned'));
  t.false(planned(exampleFacts()).settings.some(({id}) => id === 'service tuned'));
  t.deepEqual(planned(exampleFacts()).blocks, []);
  t.deepEqual(planned(served({active: false, enabled: false})).settings[0]?.pending, []);
});

test('it is stopped and disabled in a run with nothing else in it, and comes back running and enabled', (t) => {
  const facts = served({active: true, enabled: true});
  const {changes, lasting} = takeOverChanges(facts, planned(facts), TEMPLATES);
  t.deepEqual(
    [...changes, ...lasting].map(({id, steps, undo}) => ({id, steps, undo})),
    [
      {
        id: 'service tuned',
        steps: [{do: 'run', argv: ['systemctl', 'stop', 'tuned.service']}],
        undo: [{do: 'run', argv: ['systemctl', 'start', 'tuned.service']}],
      },
      {
        id: 'service tuned',
        steps: [{do: 'run', argv: ['systemctl', 'disable', 'tuned.service']}],
        undo: [{do: 'run', argv: ['systemctl', 'enable', 'tuned.service']}],
      },
    ],
  );
});

test('where it does not run there is nothing to do before all else', (t) => {
  const facts = served({active: false, enabled: true});
  t.deepEqual(takeOverChanges(facts, planned(facts), TEMPLATES), {changes: [], lasting: []});
});
