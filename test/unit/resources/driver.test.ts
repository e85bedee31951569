import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import {OWN} from '../../../engine/facts/own-files.ts';
import {driver} from '../../../engine/resources/driver.ts';
import {kindOf} from '../../../engine/resources/kinds.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {withFunctions, type PciFunctionShape} from '../../support/pci-functions.ts';

const ADDRESS = '0000:3b:00.0';
const NIC = exampleNic({name: 'ens1f0', mac: '02:00:00:00:00:01', permanentMac: '02:00:00:00:00:01', adminUp: true});

const host = (shape: PciFunctionShape, given: Partial<Facts> = {}): Facts => {
  const pci = NIC.pci && {...NIC.pci, address: ADDRESS};
  const nic = {...NIC, ...(pci ? {pci} : {})};
  return withFunctions(exampleFacts({nics: [nic], ...given}), {[ADDRESS]: shape});
};

const holding = (text: string): Partial<Facts> => ({
  services: {
    services: [],
    files: [],
    own: {
      texts: {[OWN.hold]: `host\n${text}\n`, [OWN.driverScript]: ''},
      enabled: ['linerate-driver.service'],
      mounts: [],
    },
  },
});

test('it holds the name of its driver; vfio without an IOMMU is a driver of its own', (t) => {
  t.deepEqual(driver.live(host({driver: 'ice'}), ADDRESS), {value: 'ice'});
  t.deepEqual(driver.live(host({}), ADDRESS), {value: 'none'});
  t.deepEqual(driver.live(host({driver: 'vfio-pci', group: '4'}), ADDRESS), {value: 'vfio-pci'});
  const without = host({driver: 'vfio-pci', group: '4', groupName: 'vfio-noiommu'});
  t.deepEqual(driver.live(without, ADDRESS), {value: 'vfio-pci-noiommu'});
  t.is(
    driver.live({...exampleFacts(), asked: {[`driver ${ADDRESS}`]: ''}}, ADDRESS),
    'unsupported',
    'no such function',
  );
  t.deepEqual(driver.live(exampleFacts(), ADDRESS), {unreadable: 'it was not read'});
});

test('any kernel driver is the kernel’s, and none of the others is', (t) => {
  const facts = exampleFacts();
  t.true(driver.same(facts, ADDRESS, 'ice', 'kernel'));
  t.true(driver.same(facts, ADDRESS, 'kernel', 'ice'));
  for (const other of ['vfio-pci', 'vfio-pci-noiommu', 'uio_pci_generic', 'igb_uio', 'none'])
    t.false(driver.same(facts, ADDRESS, other, 'kernel'), other);
  t.false(driver.same(facts, ADDRESS, 'ice', 'i40e'));
  t.false(driver.same(facts, ADDRESS, 'vfio-pci', 'vfio-pci-noiommu'));
});

test('addresses and values that are none are told apart', (t) => {
  t.true(driver.knows(ADDRESS));
  t.false(driver.knows('ens1f0'));
  t.false(driver.knows('3b:00.0'));
  t.is(driver.problem?.(ADDRESS, 'vfio_pci'), 'is no driver; did you mean vfio-pci?');
  t.is(driver.problem?.(ADDRESS, 'vfio-pci; reboot'), 'is no driver');
  t.is(driver.problem?.(ADDRESS, 'kernel'), undefined);
});

test('its steps carry what is known of the interface, and the way back names the earlier driver', (t) => {
  const words = (facts: Facts, which: 'steps' | 'restore', want: string): readonly string[] => {
    const [first] = driver[which]?.(facts, ADDRESS, want) ?? [];
    return first?.do === 'run' ? first.argv.slice(4) : [];
  };
  const facts = host({driver: 'ice', group: '4', override: 'ice'});
  const known = ['8086:1592', 'ens1f0', '02:00:00:00:00:01', 'up'];
  t.deepEqual(words(facts, 'steps', 'vfio-pci'), [ADDRESS, 'vfio-pci', '', ...known]);
  t.deepEqual(words(facts, 'restore', 'vfio-pci'), [ADDRESS, 'ice', 'ice', ...known], 'with its driver_override');
  const bound = host(
    {driver: 'vfio-pci', group: '4'},
    {
      nics: [],
      bindings: [
        {
          address: ADDRESS,
          vendor: '8086',
          device: '1592',
          driver: 'vfio-pci',
          numaNode: 0,
          interface: {name: 'ens1f0', mac: '02:00:00:00:00:01', up: true},
        },
      ],
    },
  );
  t.deepEqual(words(bound, 'steps', 'kernel'), [ADDRESS, 'kernel', '', ...known], 'the name that it had');
  t.deepEqual(words(host({}, {nics: []}), 'steps', 'vfio-pci').slice(3), ['8086:1592', '-', '-', 'down']);
});

test('modules that a binding loads go with it; those that were there stay', (t) => {
  const undone = (loaded: readonly string[]): string => {
    const facts = host({driver: 'ice', group: '4'}, {modules: {loaded, parameters: {}, options: [], loadedAtBoot: []}});
    return JSON.stringify(driver.restore?.(facts, ADDRESS, 'vfio-pci')?.slice(1));
  };
  t.regex(undone(['ice']), /modprobe -r vfio-pci/);
  t.is(undone(['ice', 'vfio_pci']), '[]');
});

test('vfio-pci waits for a reboot where the firmware has an IOMMU that is off', (t) => {
  const off = host({driver: 'ice', wanted: 'vfio-pci'}, {iommu: {on: false, table: 'DMAR'}});
  t.is(driver.effect(off, ADDRESS), 'reboot');
  t.is(driver.steps?.(off, ADDRESS, 'vfio-pci'), undefined);
  const on = host({driver: 'ice', wanted: 'vfio-pci', group: '4'}, {iommu: {on: true, table: 'DMAR'}});
  t.is(driver.effect(on, ADDRESS), 'link-flap');
  t.truthy(driver.steps?.(on, ADDRESS, 'vfio-pci'));
});

test('what nobody can bring back makes the way back approximate', (t) => {
  t.is(driver.undo(host({driver: 'ice'}), ADDRESS, 'vfio-pci'), 'exact');
  const pci = NIC.pci && {...NIC.pci, address: ADDRESS};
  const rules = {...NIC, ...(pci ? {pci} : {}), ntupleRules: 3};
  t.is(driver.undo(host({driver: 'ice'}, {nics: [rules]}), ADDRESS, 'vfio-pci'), 'approximate');
});

test('the next boot is linerate’s word, driverctl’s, vfio’s ids, or the kernel’s', (t) => {
  const words = `driver ${ADDRESS} = vfio-pci 8086:1592 ens1f0 02:00:00:00:00:01 up`;
  t.deepEqual(driver.boot(host({driver: 'ice'}, holding(words)), ADDRESS), {
    held: {value: 'vfio-pci'},
    by: `${OWN.hold}:2`,
  });
  t.deepEqual(driver.boot(host({driver: 'ice'}), ADDRESS), {held: {value: 'kernel'}});
  t.deepEqual(driver.boot(host({driver: 'ice', driverctl: 'vfio-pci'}), ADDRESS), {
    held: {value: 'vfio-pci'},
    by: `/etc/driverctl.d/${ADDRESS}`,
  });
  const options = [{at: '/etc/modprobe.d/vfio.conf:1', module: 'vfio_pci', text: 'ids=10de:2204,8086:1592'}];
  const byIds = host({driver: 'ice'}, {modules: {loaded: [], parameters: {}, options, loadedAtBoot: []}});
  t.like(driver.boot(byIds, ADDRESS), {held: {value: 'vfio-pci'}, by: '/etc/modprobe.d/vfio.conf:1'});
});

test('what is made to last is the driver with what tells the function from others', (t) => {
  t.deepEqual(kindOf('driver')?.lasting?.(host({driver: 'ice'}), ADDRESS, 'vfio-pci'), {
    to: 'host',
    key: `driver ${ADDRESS}`,
    value: 'vfio-pci 8086:1592 ens1f0 02:00:00:00:00:01 up',
  });
  const virtual = {...host({driver: 'iavf', virtualFunction: true}).nics[0], kind: 'virtual-function' as const};
  const facts = host({driver: 'iavf', virtualFunction: true}, {nics: [{...NIC, ...virtual}]});
  t.like(kindOf('driver')?.lasting?.(facts, ADDRESS, 'vfio-pci'), {value: 'vfio-pci 8086:1592 ens1f0 - up'});
});
