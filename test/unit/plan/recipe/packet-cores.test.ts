import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../../engine/facts/facts.ts';
import {packetCores} from '../../../../engine/plan/recipe/packet-cores.ts';
import {exampleFacts, exampleMachine, type MachineShape} from '../../../support/facts.ts';
import {machines} from '../../../support/machine-arbitrary.ts';

const TWO: MachineShape = {sockets: 2, coresPerSocket: 4, threadsPerCore: 2};

test('one thread of each core of the NIC’s node but the first', (t) => {
  const facts = exampleFacts(exampleMachine(TWO));
  t.deepEqual(packetCores(facts, [1]), {main: 4, workers: [5, 6, 7], apart: [5, 6, 7, 13, 14, 15]});
  t.deepEqual(packetCores(facts, [1], 2).workers, [5, 6]);
});

test('NICs on two nodes share the cores out; a NIC of no known node may be anywhere', (t) => {
  const facts = exampleFacts(exampleMachine(TWO));
  t.deepEqual(packetCores(facts, [0, 1], 4).workers, [1, 2, 5, 6]);
  t.deepEqual(packetCores(facts, [-1]).workers, [1, 2, 3, 5, 6, 7]);
});

test('more than there are is an error that says how many there are', (t) => {
  const facts = exampleFacts(exampleMachine(TWO));
  t.throws(() => packetCores(facts, [1], 4), {message: /4 packet cores are asked for, and node 1 of the NICs has 3/});
  t.deepEqual(packetCores(exampleFacts(exampleMachine({coresPerSocket: 1})), [0]), {main: 0, workers: [], apart: []});
});

test('isolating them changes nothing: the same cores before and after', (t) => {
  const before = packetCores(exampleFacts(exampleMachine(TWO)), [1]);
  t.deepEqual(packetCores(exampleFacts(exampleMachine({...TWO, isolated: before.apart})), [1]), before);
});

test('on any machine: online first threads, no node’s first core, no core twice', (t) => {
  const holds = (facts: Facts, nodes: readonly number[]): boolean => {
    const {main, workers, apart} = packetCores(facts, nodes);
    const threads = facts.cpu.threads.filter(({cpu}) => workers.includes(cpu));
    return (
      !apart.includes(main) &&
      threads.length === workers.length &&
      new Set(threads.map(({siblings}) => siblings.join())).size === workers.length &&
      threads.every(
        ({cpu, node, online, siblings}) =>
          online &&
          siblings.every((sibling) => apart.includes(sibling)) &&
          facts.cpu.threads.some((other) => other.online && other.node === node && other.cpu < cpu),
      )
    );
  };
  const nodes = fc.array(fc.integer({min: -1, max: 9}));
  t.notThrows(() => fc.assert(fc.property(machines, nodes, holds), {numRuns: 200}));
});
