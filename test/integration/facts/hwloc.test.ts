import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import test from 'ava';
import {type Cpu, cpu} from '../../../engine/facts/cpu.ts';
import {type Numa, numa} from '../../../engine/facts/numa.ts';
import {type Cpus, formatCpuList, intersect} from '../../../engine/model/cpulist.ts';
import {debianSource} from '../../support/debian-source.ts';
import {type Topology, parseTopology, setList} from '../../support/lstopo.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';

// Recorded /sys and /proc of real machines: hwloc's own test cases, with hwloc as the oracle.
const folder = join(debianSource('hwloc', ['*/tests/hwloc/linux/*.tar.bz2']), 'tests/hwloc/linux');
const trees = readdirSync(folder).flatMap((file) => /^(.*)\.tar\.bz2$/.exec(file)?.[1] ?? []);

const groups = (cpu: Cpu, key: (thread: Cpu['threads'][number]) => number | string): readonly Cpus[] => {
  const found = new Map<number | string, number[]>();
  for (const thread of cpu.threads) {
    if (!thread.online) continue;
    const name = key(thread);
    found.set(name, [...(found.get(name) ?? []), thread.cpu]);
  }
  return [...found.values()];
};

const topologyOf = (cpu: Cpu, numa: Numa): Topology => ({
  online: formatCpuList(cpu.online),
  packages: setList(groups(cpu, ({socket}) => socket)),
  cores: setList(groups(cpu, ({siblings}) => formatCpuList(intersect(siblings, cpu.online)))),
  nodes: numa.nodes.map(({node, cpus}) => `${String(node)}:${formatCpuList(cpus)}`).sort(),
  lastLevelCaches: setList(cpu.threads.map(({lastLevelCache}) => intersect(lastLevelCache, cpu.online))),
});

/** hwloc gives nodes without CPUs (HBM, CXL, GPU memory) those that are near by distance; the kernel lists none. */
const withoutGuesses = (seen: Topology, numa: Numa): Topology => {
  const empty = new Set(numa.nodes.filter(({cpus}) => cpus.length === 0).map(({node}) => `${String(node)}:`));
  return {
    ...seen,
    nodes: seen.nodes.map((node) => (empty.has(node.replace(/:.*/, ':')) ? node.replace(/:.*/, ':') : node)),
  };
};

const NO_PACKAGE = 'the kernel says package -1 or nothing, which we keep; hwloc makes packages of core_siblings';
const NO_SIBLINGS = 'the kernel says nothing of cores: each CPU is its own for us, none is a core for hwloc';

/** What we see otherwise than hwloc, and why. */
const OTHERWISE: Readonly<Record<string, Partial<Record<keyof Topology, string>>>> = {
  '16ia64-8n2s': {
    packages: 'physical_package_id is that of the bus; hwloc takes core_siblings, which hold one CPU each',
  },
  '20s390-2g6s4c': {packages: NO_PACKAGE},
  '256ppc-8n8s4t': {packages: NO_PACKAGE},
  '2ps3-2t': {packages: NO_PACKAGE},
  '2s390-2c': {cores: NO_SIBLINGS},
  '40intel64-4n10c+pci-conflicts': {
    packages: 'a core_siblings mask was broken on purpose; the package ids are whole',
    lastLevelCaches: 'a shared_cpu_map was broken on purpose; the lists are whole',
  },
  '4fake-4gr1nu1pu': {cores: NO_SIBLINGS},
  '4ia64-4s': {packages: NO_PACKAGE},
  '64amd64-4s2n4ca2co': {
    cores: 'AMD modules of two cores are thread siblings for the kernel; hwloc tells them apart by core_id',
  },
  '64fake-4n2s2ca2c2t': {lastLevelCaches: 'made up: masks were edited, the lists left as those of CPU 0'},
};

const FIELDS = ['online', 'packages', 'cores', 'nodes', 'lastLevelCaches'] as const;

// As hwloc's own test-topology.sh: this file system and nothing of the machine that it runs on.
const LSTOPO = [
  'HWLOC_FSROOT=/mnt HWLOC_COMPONENTS=linux,stop HWLOC_HIDE_ERRORS=2 HWLOC_KNL_MSCACHE_L3=0',
  'HWLOC_KEEP_NVIDIA_GPU_NUMA_NODES=1 HWLOC_DEBUG_ALLOW_OVERLAPPING_NODE_CPUSETS=1',
  'lstopo-no-graphics --no-io --disallowed --of xml',
].join(' ');

for (const tree of trees) {
  test(`${tree}: the topology that hwloc sees`, (t) => {
    // Memory blocks are thousands of folders that neither reads. Some recorders left NUL bytes, which sysfs never has.
    const frames = probeInNamespace([cpu, numa], {
      prepare: `cd /mnt
tar -xjf '${folder}/${tree}.tar.bz2' --strip-components=1 --no-same-owner --exclude='*/memory[0-9]*'
for file in sys/devices/system/node/node*/cpulist; do
  if [ -e "$file" ]; then tr -d '\\000' <"$file" >list; chmod u+w "$file"; cat list >"$file"; fi
done
${LSTOPO}`,
      root: '/mnt',
    });
    t.true(frames.complete);
    const nodes = numa.parse(frames);
    const ours = topologyOf(cpu.parse(frames), nodes);
    const theirs = withoutGuesses(parseTopology(frames.preamble), nodes);
    const differing = FIELDS.filter((field) => !isDeepStrictEqual(ours[field], theirs[field]));
    const expected = Object.keys(OTHERWISE[tree] ?? {});
    if (expected.length === 0) t.deepEqual(ours, theirs);
    t.deepEqual(differing, expected, 'and a reason that no longer holds is to be struck out');
  });
}
