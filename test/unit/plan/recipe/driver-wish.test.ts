import test from 'ava';
import {bound, functionsOf} from '../../../../engine/plan/recipe/wish/driver.ts';
import {exampleFacts, exampleNic} from '../../../support/facts.ts';
import {factsOf} from '../../../support/generated/fixtures.ts';

test('NICs are found by name and by address, long or short', (t) => {
  const facts = factsOf('dpdk');
  const [nic] = functionsOf(facts, ['ens2f0']);
  t.deepEqual(nic, {address: '0000:b1:00.0', name: 'ens2f0', ids: '8086:1572', numaNode: 1, driver: 'i40e'});
  t.deepEqual(functionsOf(facts, ['0000:b1:00.0', 'B1:00.0']), nic === undefined ? [] : [nic, nic]);
  t.deepEqual(functionsOf(facts, ['b1:00.1']), [
    {address: '0000:b1:00.1', ids: '8086:1572', numaNode: 1, driver: 'vfio-pci'},
  ]);
});

test('one that was given away is found by the name that it had', (t) => {
  const facts = exampleFacts({
    nics: [],
    bindings: [
      {
        address: '0000:3b:00.0',
        vendor: '8086',
        device: '1592',
        numaNode: 1,
        driver: 'vfio-pci',
        interface: {name: 'ens1f0', up: true},
      },
    ],
  });
  t.like(functionsOf(facts, ['ens1f0'])[0], {address: '0000:3b:00.0', name: 'ens1f0', driver: 'vfio-pci'});
});

test('a name that the host does not have is an error that names what there is', (t) => {
  const facts = exampleFacts({nics: [exampleNic({name: 'ens1f0'})]});
  const {pci: _, ...bridge} = exampleNic({name: 'br0', kind: 'bridge'});
  t.throws(() => functionsOf({...facts, nics: [...facts.nics, bridge]}, ['br0']), {
    message: 'this host has no NIC "br0" that is a PCI function',
  });
});

test('a binding is a wish of the function’s driver', (t) => {
  t.deepEqual(bound('0000:3b:00.0', 'vfio-pci', {why: 'so'}), {
    set: 'driver 0000:3b:00.0',
    to: 'vfio-pci',
    why: 'so',
  });
});
