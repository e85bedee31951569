import test from 'ava';
import type {Setting} from '../../../engine/model/setting.ts';
import {mayCutOff} from '../../../engine/plan/cut-off.ts';

const setting = (given: Partial<Setting>): Setting => ({
  id: 'nic eth0 ring.rx',
  live: {value: '256'},
  boot: {held: 'default'},
  want: '4096',
  pending: ['live', 'boot'],
  why: 'a test',
  source: 'a test',
  from: {layer: 'inventory', at: 'here'},
  effect: 'live',
  undo: 'exact',
  ...given,
});

const cutsOff = (given: Partial<Setting>): boolean => mayCutOff({settings: [setting({}), setting(given)]});

test('a link that flaps, or the NIC that manages the host, may cut somebody off; what is set already, or only for the next boot, not', (t) => {
  t.false(cutsOff({}));
  t.true(cutsOff({effect: 'link-flap'}));
  t.true(cutsOff({management: true}));
  t.false(cutsOff({effect: 'link-flap', pending: ['boot']}));
  t.false(cutsOff({management: true, pending: []}));
});
