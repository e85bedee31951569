import test from 'ava';
import {hugepagesArgument, hugepagesFor, otherPools} from '../../../../engine/plan/recipe/hugepages.ts';
import {exampleFacts, exampleMachine} from '../../../support/facts.ts';

const GIB = 1_048_576;
const machine = (gib: number): ReturnType<typeof exampleFacts> =>
  exampleFacts(exampleMachine({sockets: 2, memoryKb: gib * GIB}));

test('a GiB for each NIC on its node, in pages of 1 GiB where the CPU has them', (t) => {
  t.deepEqual(hugepagesFor(machine(64), [1, 1]), {sizeKb: GIB, nodes: [{node: 1, pages: 2}]});
  const facts = machine(64);
  const old = {...facts, cpu: {...facts.cpu, flags: []}};
  t.deepEqual(hugepagesFor(old, [0]), {sizeKb: 2048, nodes: [{node: 0, pages: 512}]});
});

test('at most a quarter of a node, and 2 MiB pages where that is less than a GiB', (t) => {
  t.deepEqual(hugepagesFor(machine(2), [0]), {sizeKb: 2048, nodes: [{node: 0, pages: 256}]});
  const odd = exampleFacts(exampleMachine({memoryKb: 2 * GIB - 1234}));
  t.deepEqual(hugepagesFor(odd, [0]).nodes, [{node: 0, pages: 224}], 'in steps of 64 MiB');
});

test('what is asked for is taken; a NIC of no known node counts everywhere', (t) => {
  t.deepEqual(hugepagesFor(machine(64), [0], {size: '2M', perNode: 100}), {
    sizeKb: 2048,
    nodes: [{node: 0, pages: 100}],
  });
  t.deepEqual(hugepagesFor(machine(64), [-1]).nodes, [
    {node: 0, pages: 1},
    {node: 1, pages: 1},
  ]);
});

test('the argument names nodes where the kernel can', (t) => {
  const pages = {sizeKb: GIB, nodes: [{node: 1, pages: 3}]};
  const facts = machine(64);
  t.is(hugepagesArgument(facts, pages), '1:3');
  t.is(hugepagesArgument({...facts, os: {...facts.os, kernel: '5.15.0-91-generic'}}, pages), '6', 'shared out evenly');
});

test('the pools that others might fill are told', (t) => {
  t.deepEqual(otherPools(machine(64), {sizeKb: GIB, nodes: [{node: 1, pages: 3}]}), [
    'hugepages 0 2048kB',
    'hugepages 0 1048576kB',
    'hugepages 1 2048kB',
  ]);
});
