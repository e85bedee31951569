import test from 'ava';
import {OWN} from '../../../../engine/facts/own-files.ts';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Setting} from '../../../../engine/model/setting.ts';
import {lastingChanges} from '../../../../engine/plan/lasting/lasting-changes.ts';
import {kindOf} from '../../../../engine/resources/kinds.ts';
import {exampleFacts, exampleNic} from '../../../support/facts.ts';
import {stepsOf, TEMPLATES, textAt} from '../../../support/lasting.ts';
import {withFunctions} from '../../../support/pci-functions.ts';

const ADDRESS = '0000:3b:00.0';
const MAC = '02:00:00:00:00:01';

const facts = (given: Partial<Facts> = {}): Facts => {
  const nic = exampleNic({name: 'ens1f0', mac: MAC, permanentMac: MAC, adminUp: true});
  const pci = nic.pci && {...nic.pci, address: ADDRESS};
  return withFunctions(exampleFacts({nics: [{...nic, ...(pci ? {pci} : {})}], ...given}), {
    [ADDRESS]: {driver: 'ice', group: '4'},
  });
};

const setting = (host: Facts, want: string): Setting => ({
  id: `driver ${ADDRESS}`,
  live: {value: 'ice'},
  boot: kindOf('driver')?.boot(host, ADDRESS) ?? {held: 'default'},
  want,
  pending: ['live', 'boot'],
  why: 'the application drives it',
  source: 'a recipe',
  from: {layer: 'recipe', at: 'a recipe'},
  effect: 'link-flap',
  undo: 'exact',
});

test('a driver is held by a script and a unit of its own; without other values no more than that is written', (t) => {
  const {changes, blocks} = lastingChanges(facts(), {settings: [setting(facts(), 'vfio-pci')]}, TEMPLATES);
  t.deepEqual(blocks, []);
  t.deepEqual(
    changes.map(({id}) => id),
    [`file ${OWN.hold}`, `file ${OWN.driverScript}`, `file ${OWN.driverUnit}`, 'command systemctl enable'],
  );
  t.regex(
    textAt(changes, OWN.hold) ?? '',
    /^# the application drives it .*\ndriver 0000:3b:00\.0 = vfio-pci 8086:1592 ens1f0 02:00:00:00:00:01 up$/m,
  );
  t.deepEqual(stepsOf(changes).at(-1), {do: 'run', argv: ['systemctl', 'enable', 'linerate-driver.service']});
});

test('what is in place is written once only, and stays when a plan no longer mentions it', (t) => {
  const first = lastingChanges(facts(), {settings: [setting(facts(), 'vfio-pci')]}, TEMPLATES).changes;
  const texts = Object.fromEntries(
    stepsOf(first).flatMap((step) => (step.do === 'put' ? [[step.path, step.text] as const] : [])),
  );
  const own = {texts, enabled: ['linerate-driver.service'], mounts: []};
  const later = facts({services: {services: [], files: [], own}});
  t.deepEqual(kindOf('driver')?.boot(later, ADDRESS).held, {value: 'vfio-pci'});
  const held: Setting = {...setting(later, 'vfio-pci'), live: {value: 'vfio-pci'}, pending: []};
  t.deepEqual(lastingChanges(later, {settings: [held]}, TEMPLATES).changes, []);
  t.deepEqual(lastingChanges(later, {settings: []}, TEMPLATES).changes, []);
});
