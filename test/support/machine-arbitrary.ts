import fc from 'fast-check';
import type {Facts} from '../../engine/facts/facts.ts';
import type {Cpus} from '../../engine/model/cpulist.ts';
import {exampleFacts, exampleMachine, exampleNic, type MachineShape} from './facts.ts';

/** CPUs of a list of small numbers, kept within a machine that has at least CPU 0 left. */
export const someOf = (numbers: readonly number[], count: number): Cpus =>
  [...new Set(numbers.map((number) => 1 + (number % Math.max(1, count - 1))))]
    .filter((cpu) => cpu < count)
    .sort((a, b) => a - b);

const shapes: fc.Arbitrary<MachineShape> = fc
  .record({
    sockets: fc.constantFrom(1, 1, 2, 4, 8),
    coresPerSocket: fc.constantFrom(1, 2, 3, 4, 8, 16, 32),
    threadsPerCore: fc.constantFrom(1, 2),
    coresPerCache: fc.constantFrom(2, 4, 64),
    sparse: fc.boolean(),
    hybrid: fc.boolean(),
    offline: fc.array(fc.nat(600), {maxLength: 6}),
    isolated: fc.array(fc.nat(600), {maxLength: 6}),
    nohzFull: fc.array(fc.nat(600), {maxLength: 3}),
    spare: fc.constantFrom(0, 0, 5, 64),
  })
  .map(({sparse, hybrid, offline, isolated, nohzFull, ...shape}): MachineShape => {
    const count = shape.sockets * shape.coresPerSocket * shape.threadsPerCore;
    const nodes = Array.from({length: shape.sockets}, (_, socket) => (sparse ? socket * 3 : socket));
    const cores = shape.sockets * shape.coresPerSocket;
    const gone = someOf(offline, count);
    return {
      ...shape,
      nodes,
      offline: gone,
      isolated: someOf(isolated, count).filter((cpu) => !gone.includes(cpu)),
      nohzFull: someOf(nohzFull, count).filter((cpu) => !gone.includes(cpu)),
      efficiencyCores: hybrid ? Array.from({length: cores}, (_, core) => core).filter((core) => core >= cores / 2) : [],
    };
  });

/** Facts of machines of all shapes: sparse nodes, offline CPUs, SMT, hybrid cores, NICs of unknown node. */
export const machines: fc.Arbitrary<Facts> = fc
  .record({
    shape: shapes,
    nics: fc.array(
      fc.record({
        queues: fc.constantFrom(1, 2, 4, 7, 16, 64),
        maxQueues: fc.constantFrom(1, 8, 63, 128),
        vectors: fc.constantFrom('pair' as const, 'split' as const),
        driver: fc.constantFrom('ice', 'ena', 'virtio_net'),
        node: fc.integer({min: -1, max: 7}),
        speedMbps: fc.constantFrom(1000, 100_000),
      }),
      {minLength: 1, maxLength: 4},
    ),
  })
  .map(({shape, nics}) => {
    const machine = exampleMachine(shape);
    return exampleFacts({
      ...machine,
      nics: nics.map(({node, queues, maxQueues, ...rest}, index) => {
        const home = node < 0 ? undefined : machine.numa.nodes[node % machine.numa.nodes.length];
        return exampleNic({
          ...rest,
          name: `eth${String(index)}`,
          queues: Math.min(queues, maxQueues),
          maxQueues,
          firstIrq: 100 + index * 200,
          node: home?.node ?? -1,
          localCpus: home?.cpus ?? machine.cpu.online,
        });
      }),
    });
  });
