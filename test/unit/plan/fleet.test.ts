import test from 'ava';
import type {Setting} from '../../../engine/model/setting.ts';
import {groupHosts, type HostRows} from '../../../engine/plan/fleet.ts';
import type {Row} from '../../../engine/plan/fold.ts';

const setting: Setting = {
  id: 'sysctl net/core/somaxconn',
  live: {value: '128'},
  boot: {held: 'default'},
  want: '4096',
  pending: ['live', 'boot'],
  why: 'w',
  source: 's',
  from: {layer: 'workload', at: 'a'},
  effect: 'live',
  undo: 'exact',
};

const row = (label: string, live: string, pending: Row['pending'] = ['live']): Row => ({
  subject: '',
  topic: 'sockets',
  label,
  live,
  boot: 'default',
  want: '4096',
  pending,
  effect: 'live',
  management: false,
  settings: [setting],
});

const host = (name: string, rows: readonly Row[]): HostRows => ({
  host: name,
  rows,
  plan: {host: name, workload: 'balanced', settings: [], blocks: [], findings: [], managementPath: []},
});

const usual = [row('a', '1'), row('b', '2'), row('c', '3')];

test('hosts of equal state are one group, the largest first', (t) => {
  const groups = groupHosts([host('odd', [row('z', '9')]), host('w1', usual), host('w2', usual)]);
  t.deepEqual(
    groups.map((group) => group.hosts),
    [['w1', 'w2'], ['odd']],
  );
  t.is(groups[1]?.outlier, undefined, 'a host that shares nothing is told whole');
});

test('rows that hold already do not part hosts', (t) => {
  const groups = groupHosts([host('w1', usual), host('w2', [...usual, row('d', '4', [])])]);
  t.is(groups.length, 1);
});

test('an outlier is told by what sets it apart', (t) => {
  const groups = groupHosts([host('w1', usual), host('w2', usual), host('w3', [row('a', '1'), row('b', '77')])]);
  const outlier = groups[1]?.outlier;
  t.deepEqual(outlier?.of, ['w1', 'w2']);
  t.deepEqual(
    outlier?.rows.map((one) => one.live),
    ['77'],
  );
  t.deepEqual(
    outlier?.lacks.map((one) => one.label),
    ['c'],
  );
  t.is(outlier?.shared, 1);
});
