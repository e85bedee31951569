import test from 'ava';
import {type Cpu, cpu} from '../../../engine/facts/cpu.ts';
import {numa} from '../../../engine/facts/numa.ts';
import {framesOf} from '../../support/host-frames.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree} from '../../support/text-tree.ts';

const SYS = '/sys/devices/system/cpu';

const read = (tree: string): Cpu => cpu.parse(probeInNamespace([cpu], {prepare: plantTree(tree), root: '/mnt'}));

const file = (path: string, text: string): string => `==> ${path}\n${text}\n`;

/** One CPU's files. */
const thread = (number: number, core: number, siblings: string, extra: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    'topology/physical_package_id': '0',
    'topology/die_id': '0',
    'topology/core_id': String(core),
    'topology/thread_siblings_list': siblings,
    'cache/index0/level': '1',
    'cache/index0/shared_cpu_list': siblings,
    ...extra,
  })
    .map(([name, text]) => file(`${SYS}/cpu${String(number)}/${name}`, text))
    .join('');

const CPUINFO = file(
  '/proc/cpuinfo',
  `processor\t: 0
vendor_id\t: GenuineIntel
model name\t: 13th Gen Intel(R) Core(TM) i9-13900
flags\t\t: fpu pdpe1gb constant_tsc

processor\t: 1
model name\t: another
`,
);

test('a hybrid machine with an offline CPU, isolation and a last-level cache', (t) => {
  const cache = {'cache/index3/level': '3', 'cache/index3/shared_cpu_list': '0-3'};
  const found = read(
    [
      CPUINFO,
      file(`${SYS}/possible`, '0-7'),
      file(`${SYS}/present`, '0-4'),
      file(`${SYS}/online`, '0-3'),
      file(`${SYS}/isolated`, '2-3'),
      file(`${SYS}/nohz_full`, ' (null)'),
      file(`${SYS}/smt/control`, 'on'),
      thread(0, 0, '0-1', cache),
      thread(1, 0, '0-1', cache),
      thread(2, 4, '2', cache),
      thread(3, 5, '3', cache),
      file(`${SYS}/cpu4/online`, '0'),
      file('/sys/devices/system/node/node0/cpulist', '0-3'),
      file('/sys/devices/cpu_core/cpus', '0-1'),
      file('/sys/devices/cpu_atom/cpus', '2-3'),
    ].join(''),
  );
  t.is(found.model, '13th Gen Intel(R) Core(TM) i9-13900');
  t.deepEqual(found.flags, ['fpu', 'pdpe1gb', 'constant_tsc']);
  t.deepEqual(found.possible, [0, 1, 2, 3, 4, 5, 6, 7]);
  t.deepEqual(
    [found.present, found.online],
    [
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3],
    ],
  );
  t.deepEqual([found.isolated, found.nohzFull, found.smtControl], [[2, 3], [], 'on']);
  t.deepEqual(found.threads[1], {
    cpu: 1,
    online: true,
    socket: 0,
    die: 0,
    core: 0,
    siblings: [0, 1],
    node: 0,
    lastLevelCache: [0, 1, 2, 3],
    kind: 'performance',
  });
  t.deepEqual(
    found.threads.map(({kind}) => kind),
    ['performance', 'performance', 'efficiency', 'efficiency', undefined],
  );
  t.deepEqual(found.threads[4], {
    cpu: 4,
    online: false,
    socket: -1,
    die: -1,
    core: -1,
    siblings: [4],
    node: -1,
    lastLevelCache: [],
  });
});

test('the kinds of ARM cores by their capacity, where it differs', (t) => {
  const kinds = (second: string): readonly unknown[] =>
    read(thread(0, 0, '0', {cpu_capacity: '1024'}) + thread(1, 1, '1', {cpu_capacity: second})).threads.map(
      ({kind}) => kind,
    );
  t.deepEqual(kinds('446'), ['performance', 'efficiency']);
  t.deepEqual(kinds('1020'), [undefined, undefined], 'the same cores, some a little faster by binning');
});

test('a cache of level 1 is not a last-level cache, one of level 2 may be', (t) => {
  const second = {'cache/index2/level': '2', 'cache/index2/shared_cpu_list': '0-1'};
  const [first, other] = read(thread(0, 0, '0', second) + thread(1, 1, '1')).threads;
  t.deepEqual([first?.lastLevelCache, other?.lastLevelCache], [[0, 1], []]);
});

test('a kernel that tells nothing', (t) => {
  t.deepEqual(cpu.parse(framesOf({})), {
    model: '',
    flags: [],
    possible: [],
    present: [],
    online: [],
    isolated: [],
    nohzFull: [],
    threads: [],
  });
});

test('without NUMA there is one node of all memory and all online CPUs', (t) => {
  const tree =
    file('/proc/meminfo', 'MemTotal:       1000 kB\nMemFree:         400 kB\nMemAvailable:    600 kB') +
    file(`${SYS}/online`, '0-1') +
    file('/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', '8') +
    file('/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages', '3') +
    file('/sys/kernel/mm/transparent_hugepage/enabled', 'always [madvise] never');
  const hugepages = [{sizeKb: 2048, total: 8, free: 3}];
  t.deepEqual(numa.parse(probeInNamespace([numa], {prepare: plantTree(tree), root: '/mnt'})), {
    memoryKb: 1000,
    nodes: [{node: 0, cpus: [0, 1], memoryKb: 1000, freeKb: 400, distances: [10], hugepages}],
    hugepages,
    thpEnabled: 'madvise',
  });
});

test('sparse nodes with their memory, distances and huge pages', (t) => {
  const node = (number: number, cpus: string, distance: string): string =>
    file(
      `/sys/devices/system/node/node${String(number)}/meminfo`,
      `Node ${String(number)} MemTotal:       500 kB\nNode ${String(number)} MemFree:        ${String(number)}00 kB\nNode ${String(number)} MemUsed: 1 kB`,
    ) +
    file(`/sys/devices/system/node/node${String(number)}/cpulist`, cpus) +
    file(`/sys/devices/system/node/node${String(number)}/distance`, distance) +
    file(`/sys/devices/system/node/node${String(number)}/hugepages/hugepages-1048576kB/nr_hugepages`, '2') +
    file(`/sys/devices/system/node/node${String(number)}/hugepages/hugepages-2048kB/nr_hugepages`, '4');
  const tree = `${file(`${SYS}/online`, '0-1,3')}${node(8, '', '20 10')}${node(1, '0-3', '10 20')}`;
  const hugepages = [
    {sizeKb: 2048, total: 4, free: 0},
    {sizeKb: 1_048_576, total: 2, free: 0},
  ];
  const found = numa.parse(probeInNamespace([numa], {prepare: plantTree(tree), root: '/mnt'}));
  t.is(found.memoryKb, 1000);
  t.deepEqual(found.nodes, [
    {node: 1, cpus: [0, 1, 3], memoryKb: 500, freeKb: 100, distances: [10, 20], hugepages},
    {node: 8, cpus: [], memoryKb: 500, freeKb: 800, distances: [20, 10], hugepages},
  ]);
});
