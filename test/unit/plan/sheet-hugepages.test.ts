import test from 'ava';
import fc from 'fast-check';

import type {Facts} from '../../../engine/facts/facts.ts';
import {packetHugepages} from '../../../engine/plan/sheet-hugepages.ts';
import {exampleFacts, exampleMachine, exampleNic} from '../../support/facts.ts';

const GIB_KB = 1_048_576;

const host = (given: Partial<Facts>, shape: Parameters<typeof exampleMachine>[0] = {}): Facts => ({
  ...exampleFacts(),
  ...exampleMachine({sockets: 2, coresPerSocket: 16, memoryKb: 64 * GIB_KB, ...shape}),
  ...given,
});

test('a node with ports gets pages, one without gets none', (t) => {
  t.deepEqual(packetHugepages(host({nics: [exampleNic({node: 1})]})), {
    sizeKb: GIB_KB,
    nodes: [
      {node: 0, pages: 0},
      {node: 1, pages: 1},
    ],
  });
});

test('a port of no known node counts on each', (t) => {
  const {nodes} = packetHugepages(host({nics: [exampleNic({node: -1})]}));
  t.deepEqual(
    nodes.map(({pages}) => pages),
    [1, 1],
  );
});

test('functions that vfio holds count as ports', (t) => {
  const binding = {address: '0000:3b:00.0', vendor: '8086', device: '1592', driver: 'vfio-pci', numaNode: 0};
  const {nodes} = packetHugepages(host({nics: [], bindings: [binding]}));
  t.deepEqual(
    nodes.map(({pages}) => pages),
    [1, 0],
  );
});

// 8 ports with 16 queues of 2048 + 2048 descriptors, 16 caches: 532 992 buffers of 2368 bytes, a quarter more, and 64 MiB.
test('more ports and queues need more pages', (t) => {
  const nics = Array.from({length: 8}, (_, index) => exampleNic({name: `ens${String(index)}`, node: 0, maxQueues: 64}));
  const bytes = (8 * 16 * 4096 + 16 * 544) * 2368 * 1.25 + 64 * 1_048_576;
  t.is(packetHugepages(host({nics})).nodes[0]?.pages, Math.ceil(bytes / 2 ** 30));
});

test('small pages where the CPU has no large ones, or a node too little memory for one', (t) => {
  const nics = [exampleNic({node: 0})];
  t.is(packetHugepages(host({nics}, {memoryKb: GIB_KB})).sizeKb, 2048);
  const none = host({nics});
  const small = {
    ...none,
    cpu: {...none.cpu, flags: []},
    numa: {...none.numa, hugepages: [{sizeKb: 2048, total: 0, free: 0}]},
  };
  t.is(packetHugepages(small).sizeKb, 2048);
});

test('never more than half of a node', (t) => {
  fc.assert(
    fc.property(fc.integer({min: 1, max: 200_000}), fc.integer({min: 0, max: 20}), (memoryMb, ports) => {
      const nics = Array.from({length: ports}, () => exampleNic({node: 0}));
      const facts = host({nics}, {memoryKb: memoryMb * 1024, coresPerSocket: 4});
      const {sizeKb, nodes} = packetHugepages(facts);
      for (const {pages} of nodes) t.true(pages * sizeKb <= (memoryMb * 1024) / 2);
      if (ports > 0 && memoryMb > 512) t.true((nodes[0]?.pages ?? 0) > 0);
    }),
    {numRuns: 100},
  );
});
