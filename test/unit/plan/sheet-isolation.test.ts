import test from 'ava';
import fc from 'fast-check';

import {parseCpuList} from '../../../engine/model/cpulist.ts';
import {onlineCores, packetCpus} from '../../../engine/plan/sheet-isolation.ts';
import {exampleFacts, exampleMachine, type MachineShape} from '../../support/facts.ts';

const host = (shape: MachineShape) => ({...exampleFacts(), ...exampleMachine(shape)});

test('the first core of every node stays with the kernel, with both its threads', (t) => {
  t.is(packetCpus(host({sockets: 2, coresPerSocket: 4, threadsPerCore: 2})), '1-3,5-7,9-11,13-15');
});

test('what is isolated already stays so', (t) => {
  t.is(packetCpus(host({coresPerSocket: 8, isolated: [2, 3]})), '2-3');
  t.is(packetCpus(host({coresPerSocket: 8, nohzFull: [4, 5]})), '4-5');
  t.is(packetCpus(host({coresPerSocket: 8, isolated: [2, 3], nohzFull: [3]})), '2-3');
});

test('a small host has none to spare', (t) => {
  t.is(packetCpus(host({coresPerSocket: 3, threadsPerCore: 2})), null);
  t.is(packetCpus(host({coresPerSocket: 1})), null);
});

test('packet CPUs are online, never CPU 0, and leave a core of each node', (t) => {
  const shape = fc.record({
    sockets: fc.integer({min: 1, max: 8}),
    coresPerSocket: fc.integer({min: 1, max: 32}),
    threadsPerCore: fc.integer({min: 1, max: 2}),
    offline: fc.array(fc.integer({min: 1, max: 511}), {maxLength: 8}),
  });
  fc.assert(
    fc.property(shape, (given) => {
      const facts = host(given);
      const list = packetCpus(facts);
      if (list === null) return;
      const cpus = new Set(parseCpuList(list));
      t.true(onlineCores(facts) >= 4);
      t.false(cpus.has(0));
      for (const cpu of cpus) t.true(facts.cpu.online.includes(cpu));
      for (const node of facts.numa.nodes)
        t.true(node.cpus.length === 0 || node.cpus.some((cpu) => facts.cpu.online.includes(cpu) && !cpus.has(cpu)));
    }),
    {numRuns: 100},
  );
});
